// Every dialog that begins with a button: nothing that axe finds serious, in light and dark.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, browser, missing, open, serious, shot, Signet } from "./harness.mjs";

let server, chrome, session;
before(async () => {
  assert.equal(missing(), "");
  server = await Signet.start();
  chrome = await browser();
  await server.set("server", "OptionalNames=files");
  await server.signet("rule", "add", "Scanner", "--address", "192.0.2.7", "--require-signing", "--reason", "a test");
  session = await server.session();
});
after(async () => {
  await session?.end();
  await chrome?.close();
  await server?.stop();
});

/** dialogs are, by their pictures' names, where they are and what opens them. */
const dialogs = {
  "review-lowering": ["/settings/file-shares", async (page) => {
    await page.getByRole("switch", { name: "Guest access" }).check();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("alertdialog").getByText(/devices? seen/).waitFor();
  }],
  "review-client": ["/settings/smb-client", async (page) => {
    await page.getByRole("region", { name: "SMB encryption", exact: true }).getByRole("radio", { name: "Required", exact: true }).check();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("alertdialog").getByText(/devices? seen/).waitFor();
  }],
  "exception-add": ["/settings/rules", (page) => page.getByRole("button", { name: "Add exception" }).click()],
  "requirement-add": ["/settings/rules", (page) => page.getByRole("button", { name: "Add requirement" }).click()],
  "rule-remove": ["/settings/rules", (page) => page.getByRole("button", { name: "Remove Scanner" }).click()],
  "share-add": ["/shares", (page) => page.getByRole("button", { name: "New share" }).click()],
  "share-change": ["/shares", (page) => page.getByRole("button", { name: "Change shared" }).click()],
  "share-access": ["/shares", (page) => page.getByRole("button", { name: "Access to shared" }).click()],
  "share-remove": ["/shares", (page) => page.getByRole("button", { name: "Remove shared" }).click()],
  "user-add": ["/users", (page) => page.getByRole("button", { name: "New user" }).click()],
  "user-remove": ["/users", (page) => page.getByRole("button", { name: `Remove: ${account.name}` }).click()],
  "session-close": ["/sessions", (page) => page.getByRole("button", { name: `Close the session of ${account.name}` }).click()],
  "roll-back-to": ["/history", (page) => page.getByRole("button", { name: "Roll back to revision 1", exact: true }).click()],
};

test("every dialog is sound in light and dark", async () => {
  const { page, wrong } = await open(chrome.context, await server.link());
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  const found = [];
  for (const look of ["Light", "Dark"]) {
    await page.evaluate((l) => localStorage.setItem("signet-look", l), look);
    for (const [name, [route, begin]] of Object.entries(dialogs)) {
      await page.goto(server.url + route);
      await begin(page);
      await page.getByRole("alertdialog").waitFor();
      for (const v of await serious(page, "[role=alertdialog]")) found.push(`${look} ${name}: ${v}`);
      await shot(page, `${look.toLowerCase()}-dialog-${name}`);
    }
  }
  assert.deepEqual(found, []);
  assert.deepEqual(wrong, []);
  await page.close();
});
