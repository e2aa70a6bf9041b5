// Each setting of File shares, changed through the page; its effect measured
// with a real client.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { account, Signet, shot } from "./harness.mjs";
import { Desk, until } from "./desk.mjs";

let server;
const desk = new Desk("/settings/file-shares");
before(async () => {
  server = await Signet.start();
  await desk.begin(server);
});
after(() => server?.stop());

/** old are the options of a client that speaks no more than SMB 2.1. */
const old = ["-m", "SMB2_10", "--option=client min protocol=SMB2_02"];
const unsigned = {
  after: `
s = c.getSMBServer()
s._Session['SigningRequired'] = False
s._Session['SigningActivated'] = False
`,
};
const pick = (section, name) => desk.section(section).getByRole("radio", { name, exact: true }).check();
const turn = (property, on) => desk.control(property).setChecked(on);

/** refuses makes sure that a client is refused, with a status. */
function refuses(reply, status) {
  assert.ok(!reply.ok && status.test(reply.text), `want ${status}, got ${reply.text}`);
}

/** admits makes sure that a client is served. */
function admits(reply) {
  assert.ok(reply.ok, reply.text);
}

desk.effect("a client that does not sign is refused, admitted, and refused again", ["server.RequireSecuritySignature"], async () => {
  refuses(await server.impacket(unsigned), /ACCESS_DENIED/);
  admits(await server.impacket());
  await desk.changing(() => pick("SMB signing", "Not required"));
  admits(await server.impacket(unsigned));
  await desk.show();
  await desk.section("SMB signing").getByText("Not required", { exact: true }).first().waitFor();
  await pick("SMB signing", "Required");
  await desk.review();
  await desk.dialog.getByText(/From 14 days of sessions/).waitFor();
  await desk.dialog.getByText(/no gaps\. \d+ devices? seen: \d+ will be refused/).waitFor();
  await shot(desk.page, "who-breaks");
  await desk.dialog.getByRole("button", { name: "Cancel" }).click();
  await desk.changing(() => pick("SMB signing", "Required"));
  refuses(await server.impacket(unsigned), /ACCESS_DENIED/);
});

desk.effect("encryption can be required, and then a client that cannot is refused", ["server.EncryptData", "server.RejectUnencryptedAccess"], async () => {
  const smb21 = { options: old };
  admits(await server.smbclient("ls", smb21));
  await desk.changing(() => pick("SMB encryption", "Required for all shares"));
  refuses(await server.smbclient("ls", smb21), /ACCESS_DENIED/);
  admits(await server.smbclient("ls"));
  await desk.changing(() => turn("server.RejectUnencryptedAccess", false));
  admits(await server.smbclient("ls", smb21));
  await desk.changing(async () => {
    await turn("server.RejectUnencryptedAccess", true);
    await pick("SMB encryption", "Off");
  });
});

desk.effect("the first of the ciphers that a client has, too, is used", ["server.EncryptionCiphers"], async () => {
  const used = async () => {
    const session = await server.session(["--client-protection=encrypt"]);
    const [{ Cipher }] = await server.sessions();
    await session.end();
    return Cipher;
  };
  assert.equal(await used(), "AES-128-GCM");
  const earlier = desk.page.getByRole("button", { name: "AES_256_GCM earlier" });
  await desk.changing(async () => {
    await earlier.click();
    await earlier.click();
  });
  assert.equal(await used(), "AES-256-GCM");
  await desk.changing(() => desk.page.getByRole("button", { name: "AES_256_GCM later" }).click());
  assert.equal(await used(), "AES-128-GCM");
  await desk.changing(async () => {
    await desk.page.getByRole("checkbox", { name: "AES_128_GCM" }).uncheck();
    await desk.page.getByRole("checkbox", { name: "AES_256_GCM" }).uncheck();
  });
  assert.equal(await used(), "AES-128-CCM");
});

desk.effect("a dialect that is too low or too high is not spoken", ["server.Smb2DialectMin", "server.Smb2DialectMax"], async () => {
  await desk.changing(() => desk.control("server.Smb2DialectMin").selectOption("SMB311"));
  assert.ok(!(await server.smbclient("ls", { options: old })).ok);
  admits(await server.smbclient("ls"));
  await desk.show();
  await desk.control("server.Smb2DialectMin").selectOption("None");
  await desk.control("server.Smb2DialectMax").selectOption("SMB302");
  await desk.review();
  await desk.dialog.getByText("of 1 nothing seen tells").waitFor();
  await desk.dialog.getByRole("cell", { name: "Not seen", exact: true }).waitFor();
  await desk.dialog.getByRole("cell", { name: "It spoke SMB 3.1.1; the highest would be 3.0.2. Whether it can was not seen." }).waitFor();
  await shot(desk.page, "who-breaks-not-seen");
  await desk.dialog.getByRole("button", { name: /Keep as it is|Cancel/ }).click();
  await desk.changing(async () => {
    await desk.control("server.Smb2DialectMin").selectOption("None");
    await desk.control("server.Smb2DialectMax").selectOption("SMB302");
  });
  assert.ok(!(await server.smbclient("ls", { options: ["--option=client min protocol=SMB3_11"] })).ok);
  admits(await server.smbclient("ls", { options: old }));
  await desk.changing(() => desk.control("server.Smb2DialectMax").selectOption("None"));
});

desk.effect("guests need both switches, and each is an event if that is wanted", ["server.EnableGuestAccess", "server.AuditInsecureGuestLogon"], async () => {
  const guest = { user: "nobody-here%x" };
  await desk.changing(() => turn("server.EnableGuestAccess", true));
  assert.ok(!(await server.smbclient("ls", guest)).ok, "signing is required");
  await desk.changing(() => pick("SMB signing", "Not required"));
  const options = { ...guest, options: ["--option=client signing=off", "--option=client min protocol=SMB2_02", "-m", "SMB3_02"] };
  admits(await server.smbclient("ls", options));
  await desk.changing(() => turn("server.AuditInsecureGuestLogon", true));
  assert.equal(await server.events("GuestLogon"), 0);
  admits(await server.smbclient("ls", options));
  await until("an event about a guest", async () => (await server.events("GuestLogon")) === 1);
  await desk.show();
  await pick("SMB signing", "Required");
  await desk.review();
  await desk.dialog.getByText("1 will be refused").waitFor();
  await desk.dialog.getByText("Give it an account with a password.").waitFor();
  await shot(desk.page, "who-breaks-guest");
  await desk.dialog.getByRole("button", { name: "Cancel" }).click();
  await desk.changing(async () => {
    await pick("SMB signing", "Required");
    await turn("server.EnableGuestAccess", false);
  });
  assert.ok(!(await server.smbclient("ls", options)).ok);
});

desk.effect("a wrong password costs the time that was set, or none", ["server.EnableAuthRateLimiter", "server.InvalidAuthenticationDelayTimeInMs"], async () => {
  const guess = async () => {
    const began = performance.now();
    refuses(await server.smbclient("ls", { user: `${account.name}%wrong` }), /LOGON_FAILURE/);
    return performance.now() - began;
  };
  await desk.changing(() => desk.line("server.InvalidAuthenticationDelayTimeInMs", "3000"));
  const delayed = await guess();
  assert.ok(delayed >= 3000, `${delayed} ms with a delay of 3000 ms`);
  await desk.changing(async () => {
    await desk.line("server.InvalidAuthenticationDelayTimeInMs", "10000");
    await turn("server.EnableAuthRateLimiter", false);
  });
  const free = await guess();
  assert.ok(free < 10_000, `${free} ms without a delay`);
});

desk.effect("a sign-in that was meant for another server is an event, and refused", ["server.SmbServerNameHardeningLevel", "server.AuditClientSpnSupport"], async () => {
  const other = { host: "other" };
  admits(await server.smbclient("ls", other));
  await desk.changing(() => turn("server.AuditClientSpnSupport", true));
  assert.equal(await server.events("ClientSentUnknownSPN"), 0);
  admits(await server.smbclient("ls", other));
  await until("an event about the name", async () => (await server.events("ClientSentUnknownSPN")) === 1);
  await desk.changing(() => desk.control("server.SmbServerNameHardeningLevel").selectOption("1"));
  refuses(await server.smbclient("ls", other), /ACCESS_DENIED/);
  admits(await server.smbclient("ls"));
  await desk.changing(() => desk.control("server.SmbServerNameHardeningLevel").selectOption("0"));
  admits(await server.smbclient("ls", other));
});

desk.effect("a connection by another name is refused unless it is an alternate one", ["server.EnableStrictNameChecking", "server.OptionalNames"], async () => {
  const alias = { host: "files" };
  admits(await server.smbclient("ls", alias));
  await desk.changing(() => turn("server.EnableStrictNameChecking", true));
  refuses(await server.smbclient("ls", alias), /DUPLICATE_NAME/);
  await desk.changing(() => desk.line("server.OptionalNames", "files"));
  admits(await server.smbclient("ls", alias));
  refuses(await server.smbclient("ls", { host: "other" }), /DUPLICATE_NAME/);
  await desk.changing(() => turn("server.EnableStrictNameChecking", false));
});

desk.effect("what clients lack is an event if that is wanted", ["server.AuditClientDoesNotSupportSigning", "server.AuditClientDoesNotSupportEncryption", "server.AuditSmb1Access"], async () => {
  const clients = [
    ["ClientDoesNotSupportSigning", () => server.impacket({ before: "smb3.SMB2_NEGOTIATE_SIGNING_ENABLED = 0" })],
    ["ClientDoesNotSupportEncryption", () => server.smbclient("ls", { options: old })],
    ["SMB1Access", () => server.smbclient("ls", { options: ["-m", "NT1", "--option=client min protocol=NT1"] })],
  ];
  for (const [, come] of clients) await come();
  await desk.changing(async () => {
    await turn("server.AuditClientDoesNotSupportSigning", true);
    await turn("server.AuditClientDoesNotSupportEncryption", true);
    await turn("server.AuditSmb1Access", true);
  });
  for (const [event] of clients) assert.equal(await server.events(event), 0, event);
  for (const [event, come] of clients) {
    await come();
    await until(event, async () => (await server.events(event)) > 0);
  }
});

desk.finish();
