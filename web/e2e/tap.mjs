// A tap is a place to connect to in front of a server, which looks at what passes
// and can make the server one that does not answer, does not sign, or says
// something else of itself.
import { connect, createServer } from "node:net";

/** Commands of SMB 2. [MS-SMB2] 2.2.1.2. */
export const command = { negotiate: 0, create: 5, read: 8, ioctl: 11 };

const signedFlag = 8;

/** Message is a message of a compound, as a view of its bytes. [MS-SMB2] 2.2.1. */
class Message {
  constructor(bytes) {
    this.bytes = bytes;
  }
  get plain() {
    return this.bytes.length >= 64 && this.bytes.readUInt32BE(0) === 0xfe534d42;
  }
  get status() {
    return this.bytes.readUInt32LE(8);
  }
  get command() {
    return this.bytes.readUInt16LE(12);
  }
  get id() {
    return this.bytes.readBigUInt64LE(24);
  }
  /** body is what comes behind the header. */
  get body() {
    return this.bytes.subarray(64);
  }
  /** unsign takes the signature away. */
  unsign() {
    this.bytes.writeUInt32LE(this.bytes.readUInt32LE(16) & ~signedFlag, 16);
    this.bytes.fill(0, 48, 64);
  }
}

/** messages are those of a frame; of one that is encrypted, none. */
function messages(frame) {
  const list = [];
  for (let at = 4; at + 64 <= frame.length; ) {
    const next = frame.readUInt32LE(at + 20);
    const m = new Message(frame.subarray(at, next ? at + next : undefined));
    if (!m.plain) break;
    list.push(m);
    if (!next) break;
    at += next;
  }
  return list;
}

/** Tap counts connections, and calls request and reply with each message, if they are there. A reply of which lose
 * says so does not pass; one for which hold has a promise waits for it, and with it what comes behind. */
export class Tap {
  connections = 0;
  #look = {};
  #sockets = new Set();

  /** before listens in front of a port of this host. */
  static async before(port) {
    const t = new Tap();
    t.server = createServer((from) => t.#pass(from, connect(port, "127.0.0.1")));
    await new Promise((done) => t.server.listen(0, "127.0.0.1", done));
    t.port = t.server.address().port;
    return t;
  }

  /** look begins to count, and to look at messages, anew. */
  look(look = {}) {
    this.connections = 0;
    this.#look = look;
  }

  #pass(from, to) {
    this.connections++;
    const none = () => undefined;
    for (const [a, b, look, lose, hold] of [
      [from, to, (m) => this.#look.request?.(m), none, none],
      [to, from, (m) => this.#look.reply?.(m), (m) => this.#look.lose?.(m), (m) => this.#look.hold?.(m)],
    ]) {
      this.#sockets.add(a);
      let turn; // of the frames before
      let rest = Buffer.alloc(0);
      a.on("data", (d) => {
        rest = Buffer.concat([rest, d]);
        while (rest.length >= 4 && rest.length >= 4 + rest.readUIntBE(1, 3)) {
          const frame = Buffer.from(rest.subarray(0, 4 + rest.readUIntBE(1, 3)));
          rest = rest.subarray(frame.length);
          const found = messages(frame);
          found.forEach(look);
          if (found.some(lose)) continue;
          turn = Promise.all([turn, ...found.map(hold)]).then(() => b.write(frame));
        }
      });
      a.on("close", () => {
        this.#sockets.delete(a);
        b.destroy();
      });
      a.on("error", () => b.destroy());
    }
  }

  async close() {
    for (const s of this.#sockets) s.destroy();
    await new Promise((done) => this.server.close(done));
  }
}
