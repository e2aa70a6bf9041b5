// The page of one server, which asks another for its settings.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, browser, missing, open, serious, shot, Signet } from "./harness.mjs";

let server, peer, chrome, page, wrong;
before(async () => {
  assert.equal(missing(), "");
  peer = await Signet.start();
  await peer.signet("user", "add", "wendy", "--role", "viewer", "--password-file", peer.passwordFile);
  await peer.signet("config", "set", "server", "AnnounceComment=another", "--yes");
  server = await Signet.start("--peer", `127.0.0.1:${peer.port}`);
  chrome = await browser();
  ({ page, wrong } = await open(chrome.context, await server.link()));
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
  await peer?.stop();
});

test("a peer's settings are read, and how they differ is told", async () => {
  await page.goto(server.url + "/servers");
  const name = `127.0.0.1:${peer.port}`;
  await page.getByRole("button", { name: `Ask ${name}` }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.waitFor();
  assert.deepEqual(await serious(page), []);
  await dialog.getByRole("textbox", { name: "Account there" }).fill("wendy");
  await dialog.getByLabel("Password").fill(account.password);
  await dialog.getByRole("button", { name: "Ask", exact: true }).click();
  const row = page.getByRole("row").filter({ hasText: name });
  await row.getByText(/1 differ, on .*: server\.AnnounceComment/).waitFor();
  await row.getByText("Required").first().waitFor();
  await shot(page, "peers");
  assert.deepEqual(wrong, []);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.ok(!kept.includes(account.password) && !kept.includes("wendy"), kept);
  assert.ok(!server.log.includes(account.password) && !peer.log.includes(account.password));
});
