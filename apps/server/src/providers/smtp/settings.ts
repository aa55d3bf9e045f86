import { parseDomain } from '../../lib/address.ts';
import { isIP } from 'node:net';
import type { ConnectionSecrets, ConnectionSettings } from '../connection.ts';

/** Where mail servers take submissions; others are open only where private networks are. */
const PORTS = [25, 465, 587, 2465, 2525, 2587];
const IMPLICIT_TLS_PORTS = [465, 2465];

export type TlsMode = 'starttls' | 'implicit' | 'none';

/** STARTTLS unless the port, or the setting, says otherwise: never plaintext by accident. */
export function tlsModeOf({ smtp_tls: mode, smtp_port: port = 587 }: ConnectionSettings): TlsMode {
  return mode ?? (IMPLICIT_TLS_PORTS.includes(port) ? 'implicit' : 'starttls');
}

/** Servers refuse more than they like with 421; most take ten. */
const DEFAULT_SESSIONS = 10;

/** Sessions to one server at once, from one worker. */
export function maxSessionsOf({ smtp_sessions: sessions }: ConnectionSettings): number {
  return sessions ?? DEFAULT_SESSIONS;
}

/** Faults of the settings, each naming its field. */
export function checkSmtpSettings(
  settings: ConnectionSettings,
  secrets: ConnectionSecrets,
  { anyPort }: { anyPort: boolean },
): string[] {
  const faults: string[] = [];
  const { smtp_host: host = '', smtp_port: port = 0 } = settings;
  if (isIP(host) === 0 && parseDomain(host) === null && host !== 'localhost') {
    faults.push('smtp_host must be a host name or an IP address');
  }
  if (!anyPort && !PORTS.includes(port)) {
    faults.push(`smtp_port must be one of ${PORTS.join(', ')}`);
  }
  if ((secrets.api_key === undefined) !== (secrets.secret === undefined)) {
    faults.push('api_key (the user name) and secret (the password) go together');
  }
  return faults;
}
