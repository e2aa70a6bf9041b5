// Each setting of File shares, changed through the page; its effect measured
// with a real client.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { account, browser, missing, open, shot, Signet } from "./harness.mjs";

const run = promisify(execFile);
let server, chrome, page, wrong;
before(async () => {
  assert.equal(missing(), "");
  server = await Signet.start();
  chrome = await browser();
  ({ page, wrong } = await open(chrome.context, await server.link()));
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** settings shows the page of the settings afresh. */
async function settings() {
  await page.goto(server.url + "/settings/file-shares");
  try {
    await page.getByRole("heading", { name: "SMB signing", exact: true }).waitFor();
  } catch (e) {
    throw new Error(`the page says: ${await page.locator("body").innerText()}\nthe server: ${server.log.slice(-4000)}`, { cause: e });
  }
}

/** save saves what was changed, with a reason, for good. */
async function save() {
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByText(/complies with it|comply no more/).waitFor();
  await dialog.getByRole("checkbox", { name: "Restore in 10 minutes unless I press Keep" }).uncheck();
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("a test");
  await dialog.getByRole("button", { name: /^(Save|Lower protection…|Turn off for everyone…)$/ }).click();
  await page.getByText(/Saved as revision/).waitFor();
}

/** changing makes a change through the page. */
async function changing(what) {
  await settings();
  await what();
  await save();
}

const section = (name) => page.getByRole("region", { name, exact: true });
const value = async (name) => /: (.*)/.exec(await server.signet("config", "get", "server", name))[1].trim();
/** signs in as impacket does, which signs only where it is required and can be kept from it. */
async function impacket(how) {
  const program = `
import sys
from impacket import smb3, smb3structs
from impacket.smbconnection import SMBConnection
c = SMBConnection('127.0.0.1', '127.0.0.1', sess_port=${server.port}, preferredDialect=smb3structs.SMB2_DIALECT_21)
c.login('${account.name}', '${account.password}')
if '${how}' == 'unsigned':
    s = c.getSMBServer()
    s._Session['SigningRequired'] = False
    s._Session['SigningActivated'] = False
print(len(c.listPath('shared', '*')))
`;
  try {
    const { stdout } = await run("/usr/bin/python3", ["-c", program]);
    return { ok: true, text: stdout };
  } catch (e) {
    return { ok: false, text: `${e.stdout}${e.stderr}` };
  }
}

test("a client that does not sign is refused, admitted, and refused again", async () => {
  assert.match((await impacket("unsigned")).text, /ACCESS_DENIED/);
  assert.ok((await impacket("signed")).ok);
  await changing(() => page.getByRole("radio", { name: "Not required", exact: true }).check());
  const admitted = await impacket("unsigned");
  assert.ok(admitted.ok, admitted.text);
  await settings();
  await section("SMB signing").getByText("Not required", { exact: true }).first().waitFor();
  await page.getByRole("radio", { name: "Required", exact: true }).check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("alertdialog").getByText(/From 14 days of sessions/).waitFor();
  await page.getByRole("alertdialog").getByText(/no gaps\. \d+ devices? seen: \d+ will be refused/).waitFor();
  await shot(page, "who-breaks");
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  await page.goto(server.url + "/history");
  const back = page.getByRole("row").filter({ hasText: "RequireSecuritySignature: none" });
  await back.waitFor();
  await changing(() => page.getByRole("radio", { name: "Required", exact: true }).check());
  assert.match((await impacket("unsigned")).text, /ACCESS_DENIED/);
});

test("the list of sessions changes as sessions come and go", async () => {
  await page.goto(server.url + "/sessions");
  await page.getByText("Nobody is signed in.").waitFor();
  const session = await server.session();
  await page.getByRole("cell", { name: account.name, exact: true }).waitFor();
  await page.getByRole("button", { name: "Close the session of ann" }).click();
  await shot(page, "close-session");
  await page.getByRole("alertdialog").getByRole("button", { name: "Close the session" }).click();
  await page.getByText("Nobody is signed in.").waitFor();
  session.child.kill();
});

test("encryption can be required, and then a client that cannot is refused", async () => {
  const smb21 = { options: ["-m", "SMB2_10", "--option=client min protocol=SMB2_02"] };
  assert.ok((await server.smbclient("ls", smb21)).ok);
  await changing(() => page.getByRole("radio", { name: "Required for all shares" }).check());
  assert.match((await server.smbclient("ls", smb21)).text, /ACCESS_DENIED/);
  assert.ok((await server.smbclient("ls")).ok);
  await changing(() => page.getByRole("checkbox", { name: "Refuse clients that cannot encrypt" }).uncheck());
  assert.ok((await server.smbclient("ls", smb21)).ok);
  await changing(async () => {
    await page.getByRole("checkbox", { name: "Refuse clients that cannot encrypt" }).check();
    await section("SMB encryption").getByRole("radio", { name: "Off" }).check();
  });
});

test("ciphers are offered in their order", async () => {
  await changing(() => page.getByRole("button", { name: "AES_256_GCM earlier" }).click());
  assert.equal(await value("EncryptionCiphers"), "AES_128_GCM, AES_256_GCM, AES_128_CCM, AES_256_CCM");
  await changing(() => page.getByRole("checkbox", { name: "AES_128_CCM" }).uncheck());
  assert.equal(await value("EncryptionCiphers"), "AES_128_GCM, AES_256_GCM, AES_256_CCM");
});

test("a dialect that is too low is refused", async () => {
  const old = { options: ["-m", "SMB2_10", "--option=client min protocol=SMB2_02"] };
  await changing(() => page.getByLabel("Lowest").selectOption("SMB311"));
  assert.ok(!(await server.smbclient("ls", old)).ok);
  assert.ok((await server.smbclient("ls")).ok);
  await changing(() => page.getByLabel("Lowest").selectOption("None"));
  await changing(() => page.getByLabel("Highest").selectOption("SMB302"));
  assert.ok(!(await server.smbclient("ls", { options: ["--option=client min protocol=SMB3_11"] })).ok);
  await changing(() => page.getByLabel("Highest").selectOption("None"));
});

test("guests need both switches", async () => {
  const guest = { user: "nobody-here%x" };
  await changing(() => page.getByRole("switch", { name: "Guest access" }).check());
  assert.ok(!(await server.smbclient("ls", guest)).ok, "signing is required");
  await changing(() => page.getByRole("radio", { name: "Not required", exact: true }).check());
  const options = { ...guest, options: ["--option=client signing=off", "--option=client min protocol=SMB2_02", "-m", "SMB3_02"] };
  assert.ok((await server.smbclient("ls", options)).ok);
  await settings();
  await page.getByRole("radio", { name: "Required", exact: true }).check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("alertdialog").getByText("1 will be refused").waitFor();
  await page.getByRole("alertdialog").getByText("Give it an account with a password.").waitFor();
  await shot(page, "who-breaks-guest");
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  await changing(async () => {
    await page.getByRole("radio", { name: "Required", exact: true }).check();
    await page.getByRole("switch", { name: "Guest access" }).uncheck();
  });
  assert.ok(!(await server.smbclient("ls", options)).ok);
});

test("the other settings are set", async () => {
  await changing(async () => {
    await page.getByRole("switch", { name: "Delay wrong passwords" }).uncheck();
    await page.getByRole("switch", { name: "Guest sign-ins" }).check();
    await page.getByRole("switch", { name: "Clients that cannot sign" }).check();
    await page.getByRole("switch", { name: "Clients that cannot encrypt" }).check();
    await page.getByRole("switch", { name: "Tries to use SMB1" }).check();
    await page.getByRole("switch", { name: "Sign-ins that name no server, or another" }).check();
    await page.getByRole("textbox", { name: "Names" }).fill("files");
    await page.getByRole("switch", { name: "Refuse connections by any other name" }).check();
    await page.getByLabel("Server name in sign-ins").selectOption("1");
    await page.getByRole("spinbutton", { name: "Delay in milliseconds" }).fill("500");
    await page.keyboard.press("Tab");
  });
  const want = { EnableAuthRateLimiter: "False", AuditInsecureGuestLogon: "True", AuditClientDoesNotSupportSigning: "True", AuditClientDoesNotSupportEncryption: "True", AuditSmb1Access: "True", AuditClientSpnSupport: "True", OptionalNames: "files", EnableStrictNameChecking: "True", SmbServerNameHardeningLevel: "1", InvalidAuthenticationDelayTimeInMs: "500" };
  for (const [name, is] of Object.entries(want)) assert.equal(await value(name), is, name);
  // A client that cannot encrypt is an event now.
  await server.smbclient("ls", { options: ["-m", "SMB2_10", "--option=client min protocol=SMB2_02"] });
  assert.match(await server.signet("event", "list"), /ClientDoesNotSupportEncryption/);
});

test("history rolls back", async () => {
  await page.goto(server.url + "/history");
  await page.getByRole("button", { name: "Roll back to revision 1", exact: true }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByText("server.OptionalNames").waitFor();
  await shot(page, "roll-back");
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("as it was");
  await dialog.getByRole("button", { name: "Roll back" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("cell", { name: "Rollback", exact: true }).waitFor();
  assert.equal(await value("RequireSecuritySignature"), "False");
  assert.equal(await value("OptionalNames"), "");
});

test("an exception is added and removed", async () => {
  await page.goto(server.url + "/settings/rules?new=exception&address=127.0.0.1");
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("textbox", { name: /^Name/ }).fill("Scanner");
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("cannot sign");
  await shot(page, "exception");
  await dialog.getByRole("button", { name: "Add the exception" }).click();
  await page.getByRole("cell", { name: "Scanner", exact: true }).waitFor();
  assert.match(await server.signet("rule", "list"), /Scanner/);
  await page.getByRole("button", { name: "Remove Scanner" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove the rule" }).click();
  await page.getByText("There are no rules").waitFor();
});

test("a share and a user are added, used and removed", async () => {
  const folder = path.join(server.dir, "more");
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  const bob = { user: "bob%swift granite 12 otter", share: "more" };
  await page.goto(server.url + "/users");
  await page.getByRole("button", { name: "New user" }).click();
  let dialog = page.getByRole("alertdialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("bob");
  await dialog.getByLabel("Password").fill("swift granite 12 otter");
  await dialog.getByRole("button", { name: "Add the account" }).click();
  await page.getByRole("cell", { name: "bob", exact: true }).waitFor();
  await page.goto(server.url + "/shares");
  await page.getByRole("button", { name: "New share" }).click();
  dialog = page.getByRole("alertdialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("more");
  await dialog.getByRole("textbox", { name: "Folder" }).fill("relative");
  await dialog.getByRole("button", { name: "Add the share" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByRole("textbox", { name: "Folder" }).fill(folder);
  if (process.getuid() === 0) await dialog.getByRole("textbox", { name: "Used as system user" }).fill("nobody");
  await dialog.getByRole("button", { name: "Add the share" }).click();
  await page.getByRole("cell", { name: "more", exact: true }).waitFor();
  const listed = await server.smbclient("ls", bob);
  assert.ok(listed.ok, listed.text);
  await page.getByRole("button", { name: "Access to more" }).click();
  await dialog.getByRole("textbox", { name: "Account" }).fill(account.name);
  await dialog.getByRole("button", { name: "Grant" }).click();
  await page.getByRole("cell", { name: "Change: ann" }).waitFor();
  assert.match((await server.smbclient("ls", bob)).text, /ACCESS_DENIED/);
  await page.getByRole("button", { name: "Remove more" }).click();
  await dialog.getByRole("button", { name: "Remove the share" }).click();
  await page.getByRole("cell", { name: "more", exact: true }).waitFor({ state: "detached" });
  assert.match((await server.smbclient("ls", bob)).text, /BAD_NETWORK_NAME/);
  await page.goto(server.url + "/users");
  await page.getByRole("button", { name: "Remove: bob" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove the account" }).click();
  await page.getByRole("cell", { name: "bob", exact: true }).waitFor({ state: "detached" });
});

test("the log is verified and taken along, and shows what happens", async () => {
  await page.goto(server.url + "/settings/log");
  await page.getByRole("button", { name: "Verify the log" }).click();
  await page.getByText(/internally consistent, not anchored/).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Configuration as CSV" }).click()]);
  assert.match(readFileSync(await download.path(), "utf8"), /"server","RequireSecuritySignature","(True|False)","(Store|Profile)"/);
  await page.goto(server.url + "/events");
  await page.getByText(/and what happens now/).waitFor();
  await server.smbclient("ls", { user: "mallory%guess" });
  await page.getByRole("cell", { name: "mallory", exact: true }).waitFor();
});

test("nothing on the way was refused by the policy, or loaded from elsewhere", () => {
  assert.deepEqual(wrong, []);
});
