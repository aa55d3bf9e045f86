import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What proxy-addr, which Fastify uses, knows by name. */
const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;
const HOST_PORT = /^(\[[0-9a-fA-F:.]+\]|[0-9.]+)(?::(\d{1,5}))?$/;

/** The parts of a comma-separated list. */
export function listOf(text: string | null): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** What a process is started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Reader = ReturnType<typeof createReader>;

/** Reads single settings; each fault names its variable, what is wrong and what is right. */
export function createReader(env: Environment, faults: string[]) {
  /** An empty variable is an absent one: compose files write `NAME=`. */
  const text = (name: string): string | null => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  };
  return { text, ...plainReaders(text, faults), ...networkReaders(text, faults) };
}

type ReadText = (name: string) => string | null;

function plainReaders(text: ReadText, faults: string[]) {
  return {
    integer(name: string, range: { min: number; max: number; fallback: number }): number {
      const value = text(name);
      if (value === null) return range.fallback;
      const number = Number(value);
      if (/^\d+$/.test(value) && number >= range.min && number <= range.max) return number;
      faults.push(
        `${name} must be a whole number from ${range.min} to ${range.max}, not "${value}"`,
      );
      return range.fallback;
    },
    choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
      const value = text(name);
      const found = choices.find((choice) => choice === value);
      if (value !== null && found === undefined) {
        faults.push(`${name} must be one of ${choices.join(', ')}, not "${value}"`);
      }
      return found ?? fallback;
    },
  };
}

function networkReaders(text: ReadText, faults: string[]) {
  return {
    url(name: string): string | null {
      const value = text(name);
      if (value === null) return null;
      const url = URL.parse(value);
      if (url && /^https?:$/.test(url.protocol) && isPlain(url, value)) {
        return value.replace(/\/+$/, '');
      }
      faults.push(`${name} must be an http or https address such as https://mail.example.com`);
      return null;
    },
    host(name: string): string | null {
      const value = text(name);
      if (value === null || isIP(value) !== 0 || HOST_NAME.test(value)) return value;
      faults.push(`${name} must be an address or a host name such as 0.0.0.0, not "${value}"`);
      return null;
    },
    proxies(name: string): readonly string[] {
      return listOf(text(name)).filter((part) => {
        const isRange = ipaddr.isValidCIDR(part) || ipaddr.isValid(part);
        if (isRange || NAMED_RANGES.includes(part)) return true;
        faults.push(
          `${name} must list addresses or ranges such as 10.0.0.0/8 or ${NAMED_RANGES.join(', ')}, not "${part}"`,
        );
        return false;
      });
    },
    databaseUrl(name: string): string | null {
      const value = text(name);
      if (value !== null && !/^postgres(ql)?:\/\//.test(value)) {
        // The value may hold a password, so it is not repeated.
        faults.push(`${name} must begin with postgres:// or postgresql://`);
      }
      return value;
    },
    hostPorts(name: string): readonly string[] {
      return listOf(text(name)).filter((part) => {
        const [, address = '', port = '53'] = HOST_PORT.exec(part) ?? [];
        const number = Number(port);
        if (isIP(address.replace(/^\[|\]$/g, '')) !== 0 && number > 0 && number < 65_536) {
          return true;
        }
        faults.push(`${name} must list addresses as host:port, not "${part}"`);
        return false;
      });
    },
  };
}

/** No credentials, no query, no fragment: paths are put behind it. */
function isPlain({ username, password }: URL, text: string): boolean {
  return username === '' && password === '' && !/[?#]/.test(text);
}
