// Settings of this host's own client, changed through the page; their effect
// measured with that client.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, browser, missing, open, Signet } from "./harness.mjs";

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

/** changing makes a change through the page, and saves it. */
async function changing(what) {
  await page.goto(server.url + "/settings/smb-client");
  await page.getByRole("heading", { name: "SMB signing", exact: true }).waitFor();
  await what();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("alertdialog");
  const reason = dialog.getByRole("textbox", { name: /Reason/ });
  await reason.fill("a test");
  const restore = dialog.getByRole("checkbox", { name: "Restore in 10 minutes unless I press Keep" });
  if (await restore.count()) await restore.uncheck();
  await dialog.getByRole("button", { name: /^(Save|Lower protection…|Turn off for everyone…)$/ }).click();
  await page.getByText(/Saved as revision/).waitFor();
}

/** ls is what signet ls says of the share: "" if it was listed. */
async function ls() {
  try {
    assert.match(await server.signet("ls", `smb://${account.name}@127.0.0.1:${server.port}/shared`, "--password-file", server.passwordFile), /hello\.txt/);
    return "";
  } catch (e) {
    return `${e.stderr ?? e}`;
  }
}

const demands = (text) => server.signet("config", "set", "server", ...text, "--reason", "a test");

test("the lowest dialect of the client is one", async () => {
  await demands(["Smb2DialectMax=SMB302"]);
  assert.equal(await ls(), "");
  await changing(() => page.getByLabel("Lowest").selectOption("SMB311"));
  assert.notEqual(await ls(), "");
  await changing(() => page.getByLabel("Lowest").selectOption("None"));
  assert.equal(await ls(), "");
  await demands(["Smb2DialectMax=None"]);
});

test("the highest dialect of the client is one", async () => {
  await demands(["Smb2DialectMin=SMB311"]);
  assert.equal(await ls(), "");
  await changing(() => page.getByLabel("Highest").selectOption("SMB302"));
  assert.notEqual(await ls(), "");
  await changing(() => page.getByLabel("Highest").selectOption("None"));
  assert.equal(await ls(), "");
  await demands(["Smb2DialectMin=None"]);
});

test("encryption that the client requires is refused by a server that cannot", async () => {
  await demands(["Smb2DialectMax=SMB210"]);
  assert.equal(await ls(), "");
  await changing(() => page.getByRole("region", { name: "SMB encryption", exact: true }).getByRole("radio", { name: "Required", exact: true }).check());
  assert.match(await ls(), /encrypt/i);
  await demands(["Smb2DialectMax=None"]);
  assert.equal(await ls(), "");
  await changing(() => page.getByRole("region", { name: "SMB encryption", exact: true }).getByRole("radio", { name: "Not required", exact: true }).check());
});

test("a client that may use Kerberos only gives nobody NTLM, but those that are named", async () => {
  await changing(() => page.getByRole("radio", { name: "Kerberos only", exact: true }).check());
  assert.match(await ls(), /BlockNTLM/);
  await changing(() => page.getByRole("textbox", { name: "Servers to which that does not apply" }).fill("127.0.0.1"));
  assert.equal(await ls(), "");
  await changing(() => page.getByRole("radio", { name: "Allowed", exact: true }).check());
  assert.equal(await ls(), "");
});

test("nothing on the way was refused by the policy, or loaded from elsewhere", () => {
  assert.deepEqual(wrong, []);
});
