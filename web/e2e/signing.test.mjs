// SMB signing turned off and on again by keyboard, with real clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, missing, open, shot, Signet } from "./harness.mjs";

let server, chrome;
before(async () => {
  assert.equal(missing(), "");
  server = await Signet.start();
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** tabTo presses Tab until what has the focus answers to role and name. */
async function tabTo(page, role, name, key = "Tab") {
  const wanted = page.getByRole(role, { name, exact: true });
  for (let i = 0; i < 200; i++) {
    if (await wanted.evaluateAll((all) => all.some((e) => e === document.activeElement))) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${role} "${name}" is not reached by ${key}`);
}

test("a link signs in once, and leaves no token in the address", async () => {
  const link = await server.link();
  const { page, wrong } = await open(chrome.context, link);
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  assert.equal(new URL(page.url()).hash, "");
  const other = await open(chrome.context, link);
  await other.page.getByText("the link was used, is too old, or was never made").waitFor();
  await shot(other.page, "sign-in-refused");
  await other.page.close();
  assert.deepEqual(wrong, []);
  await page.close();
});

test("signing is turned off and on by keyboard alone", async () => {
  const { page, wrong } = await open(chrome.context, await server.link());
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await tabTo(page, "link", "File shares (SMB server)");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "SMB signing", exact: true }).waitFor();
  await shot(page, "file-shares");
  await tabTo(page, "radio", "Required");
  await page.keyboard.press("ArrowRight");
  await page.getByText("Files can be altered on the way and sign-ins relayed to other servers.").waitFor();
  await shot(page, "signing-caution");
  await tabTo(page, "button", "Save");
  await page.keyboard.press("Enter");
  await page.getByRole("alertdialog", { name: "Turn SMB signing off for everyone?" }).waitFor();
  const keep = page.getByRole("alertdialog").getByRole("button", { name: "Keep Required" });
  await keep.waitFor();
  assert.ok(await page.getByRole("button", { name: "Turn off for everyone…" }).isDisabled(), "no reason is given yet");
  await tabTo(page, "checkbox", "Restore in 4 hours");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("change 4711");
  await shot(page, "signing-review");
  await tabTo(page, "button", "Turn off for everyone…");
  await page.keyboard.press("Enter");
  await page.getByText(/Restored in (10:00|9:\d\d) unless you press Keep/).waitFor();
  await page.getByText(/Saved as revision 1/).waitFor();
  await shot(page, "signing-countdown");
  assert.match(await server.signet("config", "get", "server", "RequireSecuritySignature"), /: False/);
  assert.match(await page.locator(".commands").innerText(), /signet config set server RequireSecuritySignature=False --reason 'change 4711' --for 4h --confirm-within 10m/);
  assert.match(await page.locator(".commands").innerText(), /Set-SmbServerConfiguration -RequireSecuritySignature \$false/);

  await tabTo(page, "button", "Keep");
  await page.keyboard.press("Enter");
  await page.getByText(/RequireSecuritySignature goes back on/).waitFor();
  await tabTo(page, "radio", "Not required");
  await page.keyboard.press("ArrowLeft");
  await tabTo(page, "button", "Save");
  await page.keyboard.press("Enter");
  await page.getByRole("alertdialog").getByRole("button", { name: "Save" }).waitFor();
  await tabTo(page, "button", "Save");
  await page.keyboard.press("Enter");
  await page.getByText(/Saved as revision 3/).waitFor();
  assert.match(await server.signet("config", "get", "server", "RequireSecuritySignature"), /: True/);
  assert.deepEqual(wrong, []);
  await page.close();
});
