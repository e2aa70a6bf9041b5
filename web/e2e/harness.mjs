// A real server, real clients and a real browser, for the tests of the page.
import { execFile, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const asRoot = process.getuid?.() === 0;

/** shots is where screenshots are kept. */
export const shots = path.join(here, "shots");
mkdirSync(shots, { recursive: true });

/** generous is the time in ms after which something that is waited for has failed. */
export const generous = 30_000;

const browserPath = process.env.SIGNET_BROWSER ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => existsSync(p));

/** missing says what keeps these tests from running; "" if nothing does. */
export function missing() {
  if (!browserPath) return "no chromium: apt-get install chromium, or SIGNET_BROWSER=PATH";
  try {
    execFileSync("smbclient", ["--version"]);
  } catch {
    return "no smbclient: apt-get install smbclient";
  }
  return "";
}

/** freePort is a port that nobody listens on. */
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** The account that the server is begun with. */
export const account = { name: "ann", password: "tulip raven 48 cobalt" };

/** Machine is one where Signet's default places are empty and nobody else's: what root decides for the clients of a
 * machine counts there, and nowhere else. Mounts of its own, and nothing more, make it one. */
export class Machine {
  static #mounts = [
    "--mount",
    ...(asRoot ? [] : ["--user", "--map-root-user"]),
    "sh",
    "-c",
    `set -e
      mount -t tmpfs none "$1" && mkdir "$1/upper" "$1/work"
      mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc
      mkdir -p /etc/signet
      mount -t tmpfs -o mode=755 none /run
      mount -t tmpfs -o mode=755 none /var/lib
      echo there
      exec cat`,
    "sh",
  ];

  /** missing says what keeps a process from having mounts of its own; false if nothing does. A container or a chroot may
   * forbid them to root, too: what needs them is left out there, whatever else must not be. */
  static missing() {
    try {
      execFileSync("unshare", [...Machine.#mounts, tmpdir()], { stdio: "pipe", input: "" });
      return false;
    } catch (e) {
      return `needs mounts of its own: ${e.stderr ?? e}`;
    }
  }

  /** with keeps its files in a directory. */
  static async with(dir) {
    const m = new Machine();
    m.holder = spawn("unshare", [...Machine.#mounts, dir], { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    m.holder.stderr.on("data", (d) => (said += d));
    m.gone = new Promise((done) => m.holder.once("close", done));
    await Promise.race([new Promise((done) => m.holder.stdout.once("data", done)), m.gone]);
    if (m.holder.exitCode !== null) throw new Error(`no mounts of one's own: ${said}`);
    return m;
  }

  /** enter is what stands before a command there. */
  get enter() {
    return ["nsenter", "--target", String(this.holder.pid), "--mount", "--root", "--wd", ...(asRoot ? [] : ["--user", "--preserve-credentials"])];
  }

  async leave() {
    this.holder.stdin.end();
    await this.gone;
  }
}

/** Signet is a server that runs on a state directory of its own. */
export class Signet {
  static #binary;

  /** build makes the program once. */
  static binary() {
    if (process.env.SIGNET_BINARY) return process.env.SIGNET_BINARY;
    if (!Signet.#binary) {
      Signet.#binary = path.join(mkdtempSync(path.join(tmpdir(), "signet-web-")), "signet");
      execFileSync("go", ["build", "-o", Signet.#binary, "./cmd/signet"], { cwd: root, env: { ...process.env, CGO_ENABLED: "0" }, stdio: "inherit" });
    }
    return Signet.#binary;
  }

  /** start serves, with more arguments. */
  static start(...more) {
    return Signet.#serve(new Signet(), more);
  }

  /** startAlone serves on a machine of its own, in the default places. */
  static async startAlone() {
    const s = new Signet();
    s.machineDir = mkdtempSync(path.join(tmpdir(), "signet-machine-"));
    s.machine = await Machine.with(s.machineDir);
    return Signet.#serve(s, []);
  }

  static async #serve(s, more) {
    s.dir = mkdtempSync(path.join(tmpdir(), "signet-web-"));
    s.state = s.machine ? "/var/lib/signet" : path.join(s.dir, "state");
    s.share = path.join(s.dir, "shared");
    s.passwordFile = path.join(s.dir, "password");
    s.port = await freePort();
    s.adminPort = await freePort();
    s.url = `http://127.0.0.1:${s.adminPort}`;
    chmodSync(s.dir, 0o755);
    mkdirSync(s.share);
    writeFileSync(path.join(s.share, "hello.txt"), "hello\n");
    chmodSync(s.share, 0o777);
    writeFileSync(s.passwordFile, account.password + "\n", { mode: 0o600 });
    const args = ["--state", s.state, "serve", "--user", account.name, "--password-file", s.passwordFile, "--listen", `127.0.0.1:${s.port}`, "--admin", `127.0.0.1:${s.adminPort}`, ...more];
    // A stored share, as it is without names on the command line.
    await s.signet("share", "add", "shared", s.share, ...(asRoot ? ["--run-as", "nobody"] : []));
    const [program, ...before] = s.#command(args);
    s.process = spawn(program, before, { stdio: ["ignore", "pipe", "pipe"] });
    s.log = "";
    for (const out of [s.process.stdout, s.process.stderr]) out.on("data", (d) => (s.log += d));
    s.ended = new Promise((done) => s.process.once("exit", done));
    const deadline = Date.now() + generous;
    // The last line of what it tells once everything is there.
    while (!/^Stop\s/m.test(s.log)) {
      if (s.process.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start: ${s.log}`);
      await new Promise((done) => setTimeout(done, 20));
    }
    return s;
  }

  #command(args) {
    return [...(this.machine?.enter ?? []), Signet.binary(), ...args];
  }

  /** signet runs a command on this server and returns what it prints. */
  async signet(...args) {
    const said = await this.tries(args);
    if (!said.ok) throw new Error(`signet ${args.join(" ")}: ${said.warned}`);
    return said.text;
  }

  /** tries runs a command on this server; it returns whether it succeeded, what it printed and what it warned of. */
  async tries(args, timeout = generous) {
    const [program, ...rest] = this.#command(["--state", this.state, ...args]);
    try {
      const { stdout, stderr } = await run(program, rest, { timeout });
      return { ok: true, text: stdout, warned: stderr };
    } catch (e) {
      return { ok: false, text: e.stdout ?? "", warned: `${e.stderr ?? e}`, late: e.killed };
    }
  }

  /** set decides about properties of a side, for a reason. */
  set(side, ...values) {
    return this.signet("config", "set", side, ...values, "--reason", "a test");
  }

  /** events is how often an event of that name was raised. */
  async events(name) {
    const { Events } = JSON.parse(await this.signet("--json", "event", "list"));
    return Events.filter((e) => e.Name === name).reduce((sum, e) => sum + e.Count, 0);
  }

  /** sessions are those that the server has. */
  async sessions() {
    return JSON.parse(await this.signet("--json", "session", "list")).Sessions;
  }

  /** link is a fresh link that signs in once. */
  async link() {
    const url = /https?:\S+#token=\S+/.exec(await this.signet("admin", "link"));
    return url[0];
  }

  /** smbclient runs one command of smbclient; it returns whether it succeeded, and what was printed. */
  async smbclient(command, { user = `${account.name}%${account.password}`, options = [], share = "shared", host = "127.0.0.1" } = {}) {
    const args = [`//${host}/${share}`, "-I", "127.0.0.1", "-p", String(this.port), "-t", "20", ...options, ...(user === "guest" ? ["-N"] : ["-U", user]), "-c", command];
    try {
      const { stdout } = await run("smbclient", args, { timeout: generous });
      return { ok: true, text: stdout };
    } catch (e) {
      return { ok: false, text: `${e.stdout ?? ""}${e.stderr ?? ""}` };
    }
  }

  /** impacket signs in as impacket does, which signs only where it is required; more lines of its program come before
   * and after the sign-in. */
  async impacket({ before = "", after = "" } = {}) {
    const program = [
      "from impacket import smb3, smb3structs",
      "from impacket.smbconnection import SMBConnection",
      before,
      `c = SMBConnection('127.0.0.1', '127.0.0.1', sess_port=${this.port}, preferredDialect=smb3structs.SMB2_DIALECT_21)`,
      `c.login('${account.name}', '${account.password}')`,
      after,
      "print(len(c.listPath('shared', '*')))",
    ].join("\n");
    try {
      const { stdout } = await run("/usr/bin/python3", ["-c", program], { timeout: generous });
      return { ok: true, text: stdout };
    } catch (e) {
      return { ok: false, text: `${e.stdout ?? ""}${e.stderr ?? ""}` };
    }
  }

  /** session keeps smbclient signed in until its end is called. */
  async session(options = [], share = "shared") {
    const before = (await this.sessions()).length;
    const child = spawn("smbclient", [`//127.0.0.1/${share}`, "-p", String(this.port), ...options, "-U", `${account.name}%${account.password}`], { stdio: ["pipe", "pipe", "pipe"] });
    let text = "";
    for (const out of [child.stdout, child.stderr]) out.on("data", (d) => (text += d));
    const gone = new Promise((done) => child.once("exit", done));
    const deadline = Date.now() + generous;
    while ((await this.sessions()).length === before) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`smbclient: ${text}`);
      await new Promise((done) => setTimeout(done, 50));
    }
    return {
      child,
      end: async () => {
        child.stdin.end("quit\n");
        await gone;
      },
    };
  }

  async stop() {
    this.process.kill("SIGTERM");
    const late = setTimeout(() => this.process.kill("SIGKILL"), generous);
    await this.ended;
    clearTimeout(late);
    await this.machine?.leave();
    for (const dir of [this.dir, this.machineDir]) if (dir) rmSync(dir, { recursive: true, force: true });
  }
}

/** browser starts a browser with nothing of anybody's in it. */
export async function browser() {
  const profile = mkdtempSync(path.join(tmpdir(), "signet-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browserPath,
    headless: true,
    viewport: { width: 1280, height: 900 },
    colorScheme: "light",
    reducedMotion: "reduce",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  context.setDefaultTimeout(generous);
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** open is a page that notes what should not happen: errors, refusals by the policy, and requests elsewhere. */
export async function open(context, url) {
  const page = await context.newPage();
  const wrong = [];
  const origin = new URL(url).origin;
  page.on("pageerror", (e) => wrong.push(`error: ${e}`));
  page.on("console", (m) => {
    if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) wrong.push(`console: ${m.text()}`);
  });
  page.on("request", (r) => {
    if (!r.url().startsWith(origin) && !r.url().startsWith("blob:" + origin)) wrong.push(`request elsewhere: ${r.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
  });
  await page.goto(url);
  return { page, wrong };
}

/** shot keeps a picture of a page. */
export const shot = (page, name) => page.screenshot({ path: path.join(shots, `${name}.png`) });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** serious lists what axe finds serious or critical on a page, or in a part of it. */
export async function serious(page, part) {
  await page.evaluate(axe);
  return page.evaluate(async (within) => (await window.axe.run(within ?? document, { resultTypes: ["violations"] })).violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 200)).join(" | ")}`), part);
}
