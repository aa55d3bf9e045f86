import type dns2 from 'dns2';
import { createTCPServer, createUDPServer, Packet, type DnsHandler } from 'dns2';

/** RFC 1035, 4.1.1. */
const RCODES = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

type Trouble = 'SERVFAIL' | 'REFUSED' | 'silence';

/** A DNS server on loopback, over UDP and TCP, whose zone is what the test says. */
export type FakeDns = {
  /** `host:port` */
  readonly address: string;
  /** Every question: `udp TXT _courierx.example.com`. */
  readonly asked: string[];
  /** Each record one text, or the strings it is cut into; none: the name is there without TXT. */
  setTxt(name: string, ...records: (string | string[])[]): void;
  setCname(name: string, target: string): void;
  setTrouble(name: string, trouble: Trouble): void;
  /** No such name any more. */
  remove(name: string): void;
  close(): Promise<void>;
};

type Entry = { txt: (string | string[])[]; cname: string | null; trouble: Trouble | null };

export async function startFakeDns(): Promise<FakeDns> {
  const zone = new Map<string, Entry>();
  const asked: string[] = [];
  const handlerOf =
    (transport: 'udp' | 'tcp'): DnsHandler =>
    (request, send) => {
      const [question] = request.questions;
      const name = question?.name.toLowerCase() ?? '';
      asked.push(`${transport} ${typeName(question?.type)} ${name}`);
      const response = answer(zone, request, name);
      if (response) void send(response);
    };
  const udp = createUDPServer(handlerOf('udp'));
  await udp.listen(0, '127.0.0.1');
  const { port } = udp.address();
  const tcp = createTCPServer(handlerOf('tcp'));
  await new Promise<void>((resolve) => tcp.listen(port, '127.0.0.1', resolve));
  const set = (name: string, over: Partial<Entry>) =>
    zone.set(name, { txt: [], cname: null, trouble: null, ...over });
  return {
    address: `127.0.0.1:${port}`,
    asked,
    setTxt: (name, ...txt) => void set(name, { txt }),
    setCname: (name, cname) => void set(name, { cname }),
    setTrouble: (name, trouble) => void set(name, { trouble }),
    remove: (name) => void zone.delete(name),
    async close() {
      await new Promise<void>((resolve) => udp.close(() => resolve()));
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
    },
  };
}

function typeName(type: number | undefined): string {
  return Object.entries(Packet.TYPE).find(([, value]) => value === type)?.[0] ?? String(type);
}

/** Null: no answer at all. */
function answer(zone: Map<string, Entry>, request: Packet, asked: string): Packet | null {
  const response = Packet.createResponseFromRequest(request);
  const type = request.questions[0]?.type;
  let name = asked;
  let entry = zone.get(name);
  for (let hops = 0; entry?.cname && hops < 5; hops += 1) {
    response.answers.push(resource(name, Packet.TYPE.CNAME, { domain: entry.cname }));
    name = entry.cname;
    entry = zone.get(name);
  }
  if (entry?.trouble === 'silence') return null;
  if (entry?.trouble) response.header.rcode = RCODES[entry.trouble];
  else if (!entry && !hasNamesBelow(zone, name)) response.header.rcode = RCODES.NXDOMAIN;
  if (type === Packet.TYPE.TXT) {
    for (const data of entry?.txt ?? []) {
      response.answers.push(resource(name, Packet.TYPE.TXT, { data }));
    }
  }
  return response;
}

function hasNamesBelow(zone: Map<string, Entry>, name: string): boolean {
  return [...zone.keys()].some((known) => known.endsWith(`.${name}`));
}

function resource(name: string, type: number, data: object): dns2.Packet.Resource {
  return {
    name,
    type,
    class: Packet.CLASS.IN,
    ttl: 60,
    ...data,
  } as unknown as dns2.Packet.Resource;
}
