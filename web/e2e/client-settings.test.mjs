// Each setting of this machine's own client, changed through the page; its
// effect measured with that client. What lowers protection counts only where
// root has decided it for the machine, so this is a machine of its own; the
// client goes to another server, with a tap in front.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { account, generous, Machine, Signet } from "./harness.mjs";
import { Desk } from "./desk.mjs";
import { command, Tap } from "./tap.mjs";

let server, far, tap;
let copies = 0;
/** loosening are the options of tests for which the machine has to be one's own. */
const loosening = { skip: Machine.missing() };
const desk = new Desk("/settings/smb-client");
before(async () => {
  [server, far] = await Promise.all([loosening.skip ? Signet.start() : Signet.startAlone(), Signet.start()]);
  tap = await Tap.before(far.port);
  writeFileSync(path.join(far.share, "large"), Buffer.alloc(32 << 20));
  await desk.begin(server);
});
after(async () => {
  await tap?.close();
  await server?.stop();
  await far?.stop();
});

/** client runs a command of the client on the share of the other server. */
const client = (name, { user = account.name, more = [], file = "", port = tap.port, timeout } = {}) => server.tries([...(name === "info" ? ["--json"] : []), name, `smb://${user}@127.0.0.1:${port}/shared${file}`, ...more, "--password-file", server.passwordFile], timeout);
/** ls is the client's refusal to list the share: "" if it was listed. */
async function ls(options) {
  const said = await client("ls", options);
  if (!said.ok) return said.warned;
  assert.match(said.text, /hello\.txt/);
  return "";
}
/** info is what the client says of a session. */
async function info() {
  const said = await client("info");
  assert.ok(said.ok, said.warned);
  return JSON.parse(said.text);
}
const pick = (section, name) => desk.section(section).getByRole("radio", { name, exact: true }).check();
const turn = (property, on) => desk.control(property).setChecked(on);

/** unsigning makes the server one that does not sign what is asked in a share. */
const unsigning = {
  reply: (m) => {
    if (m.command >= command.create) m.unsign();
  },
};

desk.effect("a server that does not sign is refused, and taken where signing is not required", ["client.RequireSecuritySignature"], async () => {
  await far.set("server", "RequireSecuritySignature=False");
  tap.look(unsigning);
  assert.match(await ls(), /altered or forged/);
  tap.look();
  assert.deepEqual((await info()).SigningRequiredBy, ["client"]);
  await desk.changing(() => pick("SMB signing", "Not required"));
  assert.equal((await info()).Signed, false);
  tap.look(unsigning);
  assert.equal(await ls(), "");
  tap.look();
}, loosening);

desk.effect("a client that may not be a guest is not, and one that may says so", ["client.EnableInsecureGuestLogons", "client.AuditInsecureGuestLogon"], async () => {
  const guest = { user: "nobody-here" };
  await far.set("server", "EnableGuestAccess=True");
  assert.match(await ls(guest), /EnableInsecureGuestLogons/);
  await desk.changing(() => turn("client.EnableInsecureGuestLogons", true));
  const silent = await client("ls", guest);
  assert.ok(silent.ok, silent.warned);
  assert.doesNotMatch(silent.warned, /a guest sign-in was allowed/);
  await desk.changing(() => turn("client.AuditInsecureGuestLogon", true));
  assert.match((await client("ls", guest)).warned, /a guest sign-in was allowed/);
  await desk.changing(() => turn("client.EnableInsecureGuestLogons", false));
  assert.match(await ls(guest), /EnableInsecureGuestLogons/);
}, loosening);

desk.effect("a session has as many connections as the client may make", ["client.EnableMultiChannel", "client.ConnectionCountPerRssNetworkInterface", "client.MaximumConnectionCountPerServer"], async () => {
  // Signing is required by neither side: the tap can say that the interface has several queues.
  await far.set("server", "EnableMultiChannel=True");
  const queues = (m) => {
    if (m.command === command.ioctl && m.status === 0 && m.body.length > 48 && m.body.readUInt32LE(4) === 0x001401fc) m.body.writeUInt32LE(1, m.body.readUInt32LE(32) - 64 + 8);
  };
  const made = async () => {
    tap.look({ reply: queues });
    await info();
    return tap.connections;
  };
  assert.equal(await made(), 1);
  await desk.changing(() => turn("client.EnableMultiChannel", true));
  assert.equal(await made(), 4);
  await desk.changing(() => desk.line("client.ConnectionCountPerRssNetworkInterface", "3"));
  assert.equal(await made(), 3);
  await desk.changing(() => desk.line("client.MaximumConnectionCountPerServer", "2"));
  assert.equal(await made(), 2);
  await desk.changing(() => turn("client.EnableMultiChannel", false));
  assert.equal(await made(), 1);
}, loosening);

desk.effect("the lowest and the highest dialect of the client are those", ["client.Smb2DialectMin", "client.Smb2DialectMax"], async () => {
  await far.set("server", "Smb2DialectMax=SMB302");
  assert.equal((await info()).Dialect, "3.0.2");
  await desk.changing(() => desk.control("client.Smb2DialectMin").selectOption("SMB311"));
  assert.notEqual(await ls(), "");
  await far.set("server", "Smb2DialectMax=None");
  assert.equal((await info()).Dialect, "3.1.1");
  await desk.changing(async () => {
    await desk.control("client.Smb2DialectMin").selectOption("None");
    await desk.control("client.Smb2DialectMax").selectOption("SMB210");
  });
  assert.equal((await info()).Dialect, "2.1");
  await desk.changing(() => desk.control("client.Smb2DialectMax").selectOption("None"));
});

desk.effect("encryption that the client requires is refused by a server that cannot", ["client.RequireEncryption"], async () => {
  await far.set("server", "Smb2DialectMax=SMB210");
  assert.equal(await ls(), "");
  await desk.changing(() => pick("SMB encryption", "Required"));
  assert.match(await ls(), /encrypt/i);
  await far.set("server", "Smb2DialectMax=None");
  assert.deepEqual((await info()).EncryptionRequiredBy, ["client"]);
  await desk.changing(() => pick("SMB encryption", "Not required"));
  assert.equal((await info()).Encrypted, false);
});

desk.effect("only the ciphers of the client are used", ["client.EncryptionCiphers"], async () => {
  assert.equal((await info()).Cipher, "AES-128-GCM");
  await desk.changing(() => desk.page.getByRole("checkbox", { name: "AES_128_GCM" }).uncheck());
  assert.equal((await info()).Cipher, "AES-128-CCM");
  await desk.changing(() => desk.page.getByRole("checkbox", { name: "AES_128_GCM" }).check());
});

desk.effect("a share whose path demands privacy is refused without", ["client.HardenedPaths"], async () => {
  assert.equal(await ls(), "");
  const paths = await desk.show().then(() => desk.control("client.HardenedPaths").inputValue());
  await desk.changing(() => desk.line("client.HardenedPaths", `${paths}; \\\\*\\shared=RequirePrivacy`));
  await far.set("server", "Smb2DialectMax=SMB210");
  assert.match(await ls(), /HardenedPaths/);
  await far.set("server", "Smb2DialectMax=None");
  assert.equal((await info()).Encrypted, true);
  await desk.changing(() => desk.line("client.HardenedPaths", paths));
  assert.equal((await info()).Encrypted, false);
});

desk.effect("what servers lack is said if that is wanted", ["client.AuditServerDoesNotSupportSigning", "client.AuditServerDoesNotSupportEncryption"], async () => {
  await far.set("server", "Smb2DialectMax=SMB210");
  // A server that does not say that it can sign: the first byte of SecurityMode. [MS-SMB2] 2.2.4.
  tap.look({
    reply: (m) => {
      if (m.command === command.negotiate) m.body.writeUInt8(0, 2);
    },
  });
  const lacks = /does not support (signing|encryption)/g;
  const said = async () => ((await client("ls")).warned.match(lacks) ?? []).sort();
  assert.deepEqual(await said(), []);
  await desk.changing(() => turn("client.AuditServerDoesNotSupportSigning", true));
  assert.deepEqual(await said(), ["does not support signing"]);
  await desk.changing(async () => {
    await turn("client.AuditServerDoesNotSupportSigning", false);
    await turn("client.AuditServerDoesNotSupportEncryption", true);
  });
  assert.deepEqual(await said(), ["does not support encryption"]);
  tap.look();
  await far.set("server", "Smb2DialectMax=None");
  assert.deepEqual(await said(), []);
});

desk.effect("a client that may use Kerberos only gives nobody NTLM, but those that are named", ["client.BlockNTLM", "client.BlockNTLMServerExceptionList"], async () => {
  await desk.changing(() => pick("NTLM", "Kerberos only"));
  assert.match(await ls(), /BlockNTLM/);
  await desk.changing(() => desk.line("client.BlockNTLMServerExceptionList", "127.0.0.1"));
  assert.equal(await ls(), "");
  await desk.changing(() => pick("NTLM", "Allowed"));
  assert.equal(await ls(), "");
});

desk.effect("reads are as large, as many and as lasting as the client may ask for", ["client.EnableLargeMtu", "client.MaxCmds", "client.OplocksDisabled", "client.UseOpportunisticLocking"], async () => {
  /** asked is how the client reads a large file: the length of the longest read, how many were under way at most, and
   * whether it asked for an oplock. Once the client has got credits by the first eight, no read is answered before as
   * many as are wanted were under way. */
  const asked = async (wanted) => {
    const seen = { longest: 0, most: 0, oplock: false };
    const reads = new Set();
    let answered = 0;
    let enough;
    const there = new Promise((done) => (enough = done));
    tap.look({
      request: (m) => {
        if (m.command === command.create) seen.oplock ||= m.body.readUInt8(3) !== 0;
        if (m.command !== command.read) return;
        seen.longest = Math.max(seen.longest, m.body.readUInt32LE(4));
        reads.add(m.id);
        seen.most = Math.max(seen.most, reads.size);
        if (reads.size >= wanted) enough();
      },
      hold: async (m) => {
        if (m.command !== command.read) return;
        if (++answered > 8) await there;
        reads.delete(m.id);
      },
    });
    const said = await client("get", { file: "/large", more: [path.join(server.dir, `copy${++copies}`)] });
    assert.ok(said.ok, said.warned);
    return seen;
  };
  const usual = await asked(2);
  assert.ok(usual.longest > 65536 && usual.most >= 2 && usual.oplock, JSON.stringify(usual));
  await desk.changing(async () => {
    await desk.line("client.MaxCmds", "1");
    await turn("client.OplocksDisabled", true);
  });
  const one = await asked(1);
  assert.ok(one.longest > 65536 && one.most === 1 && !one.oplock, JSON.stringify(one));
  await desk.changing(async () => {
    await turn("client.EnableLargeMtu", false);
    await turn("client.OplocksDisabled", false);
  });
  const small = await asked(1);
  assert.ok(small.longest === 65536 && small.oplock, JSON.stringify(small));
  await desk.changing(() => turn("client.UseOpportunisticLocking", false));
  assert.equal((await asked(1)).oplock, false);
});

desk.effect("a server that falls silent is given up after the time that was set", ["client.SessionTimeout", "client.ExtendedSessionTimeout"], async (t) => {
  await desk.changing(async () => {
    await desk.line("client.SessionTimeout", "10");
    await desk.line("client.ExtendedSessionTimeout", "11");
  });
  const slow = await Tap.before(far.port);
  t.after(() => slow.close());
  tap.look({ lose: (m) => m.command !== command.negotiate });
  slow.look({ lose: (m) => m.command === command.read }); // and answers whether it is still there
  // By default it would take 60 and 1000 seconds.
  const [silent, waited] = await Promise.all([client("ls"), client("get", { file: "/large", more: [path.join(server.dir, `copy${++copies}`)], port: slow.port, timeout: 10 * generous })]);
  tap.look();
  assert.match(silent.warned, /no answer from the server: i\/o timeout after/);
  const after = Number(/after ([\d.]+)s/.exec(silent.warned)?.[1]);
  assert.ok(after >= 10 && after < 60, `given up after ${after} s`);
  assert.ok(!waited.ok && !waited.late, JSON.stringify(waited));
  assert.match(waited.warned, /no answer|connection was lost/);
});

desk.finish();
