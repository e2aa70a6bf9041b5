// Reads the module as PowerShell's grammar has it, by tree-sitter: every file
// parses, every function has its help, and what is called and read exists.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const grammar = createRequire(import.meta.url).resolve("tree-sitter-powershell/tree-sitter-powershell.wasm");

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(grammar));

/** Every file of the module and of its tests. */
const files = ["Signet", "tests"].flatMap((dir) =>
  readdirSync(join(root, dir))
    .filter((name) => /\.ps(1|m1|d1)$/.test(name))
    .map((name) => join(dir, name)),
);

/** parse returns the tree of a text and where it is none. */
function parse(text) {
  const tree = parser.parse(text);
  const wrong = [];
  walk(tree.rootNode, (node) => {
    if (node.isError || node.isMissing) wrong.push(`line ${node.startPosition.row + 1}: ${node.text.slice(0, 60)}`);
  });
  return { root: tree.rootNode, wrong };
}

/** walk calls f for a node and all below it; f returns false to go no deeper. */
function walk(node, f) {
  if (f(node) === false) return;
  for (const child of node.children) walk(child, f);
}

/** all returns the nodes of a type. */
function all(node, type) {
  const found = [];
  walk(node, (n) => void (n.type === type && found.push(n)));
  return found;
}

const child = (node, type) => node.children.find((c) => c.type === type);

const trees = new Map(files.map((name) => [name, parse(readFileSync(join(root, name), "utf8"))]));

/** The functions of the module, by their names. */
const functions = new Map();
for (const [name, { root: tree }] of trees) {
  if (!name.startsWith("Signet")) continue;
  for (const node of all(tree, "function_statement")) {
    const parameters = all(node, "script_parameter").map((p) => ({
      name: child(p, "variable").text.slice(1),
      aliases: all(p, "attribute")
        .filter((a) => a.text.startsWith("[Alias("))
        .flatMap((a) => [...a.text.matchAll(/'([^']*)'/g)].map((m) => m[1])),
    }));
    functions.set(child(node, "function_name").text, { node, parameters, file: name });
  }
}

/** What is called and is not the module's: PowerShell's own, and one program. */
const others = new Set([
  "Add-Type", "ConvertFrom-Json", "ConvertTo-Json", "ForEach-Object", "Select-Object", "Set-StrictMode",
  "Where-Object", "Write-Debug", "Write-Verbose", "Write-Warning", "signet",
]);

/** Variables that are there without being set. */
const automatic = new Set([
  "$_", "$true", "$false", "$null", "$PSCmdlet", "$PSBoundParameters", "$PSScriptRoot", "$PSVersionTable", "$LASTEXITCODE", "$Matches",
]);

/** What every function with CmdletBinding takes, too. */
const common = ["WhatIf", "Confirm", "Verbose", "Debug", "ErrorAction"];

test("every file parses", () => {
  assert.ok(files.length >= 9, `${files}`);
  for (const [name, { wrong }] of trees) assert.deepEqual(wrong, [], name);
});

test("what is no PowerShell is noticed", () => {
  for (const text of ["function A { param( [string $a ) }", "if ($a { 1 }", "@{ a = "]) {
    assert.notDeepEqual(parse(text).wrong, [], text);
  }
});

test("every exported function is there, with help for itself and each parameter", () => {
  const manifest = readFileSync(join(root, "Signet/Signet.psd1"), "utf8");
  const exported = [...manifest.matchAll(/'([A-Z]\w+-(?:Smb|Signet)\w*)'/g)].map((m) => m[1]);
  assert.ok(exported.length >= 20, `${exported}`);
  for (const name of exported) {
    const found = functions.get(name);
    assert.ok(found, `${name} is exported, and not there`);
    const help = all(found.node, "comment").find((c) => c.text.startsWith("<#"))?.text ?? "";
    for (const part of ["SYNOPSIS", "DESCRIPTION", "EXAMPLE"]) assert.match(help, new RegExp(`\\.${part}\\n +\\S`), `${name}: .${part}`);
    for (const { name: parameter } of found.parameters) {
      assert.match(help, new RegExp(`\\.PARAMETER ${parameter}\\n +\\S`), `${name} -${parameter}`);
    }
  }
});

test("what is called exists, and takes the parameters it is given", () => {
  let calls = 0;
  for (const [name, { root: tree }] of trees) {
    if (!name.startsWith("Signet")) continue;
    for (const command of all(tree, "command")) {
      const called = all(command, "command_name")[0]?.text;
      if (command.text.startsWith(". ")) continue; // a file, by its path
      assert.ok(functions.has(called) || others.has(called), `${name}: ${command.text.slice(0, 80)}: nobody has ${called}`);
      calls++;
      if (!functions.has(called)) continue;
      const { node, parameters } = functions.get(called);
      const takes = parameters.flatMap((p) => [p.name, ...p.aliases]).concat(node.text.includes("[CmdletBinding(") ? common : []);
      const elements = child(command, "command_elements");
      for (const given of elements ? elements.children.filter((c) => c.type === "command_parameter") : []) {
        const parameter = given.text.slice(1).replace(/:$/, "");
        assert.ok(takes.includes(parameter), `${name}: ${called} does not take -${parameter}`);
      }
    }
  }
  assert.ok(calls > 100, `${calls}`);
});

test("what is read was set", () => {
  for (const [name, { node, file }] of functions) {
    const known = new Set(automatic);
    for (const parameter of all(node, "script_parameter")) known.add(child(parameter, "variable").text);
    for (const assigned of all(node, "assignment_expression")) {
      const left = assigned.children[0];
      if (/^\$\w+(, \$\w+)*$/.test(left.text)) for (const variable of left.text.split(", ")) known.add(variable);
    }
    for (const loop of all(node, "foreach_statement")) known.add(child(loop, "variable").text);
    for (const variable of all(node, "variable")) {
      const text = variable.text.replace(/^\$\{(.*)\}$/, "$$$1");
      if (text.startsWith("$script:")) continue;
      assert.ok([...known].some((k) => k.toLowerCase() === text.toLowerCase()), `${file}: ${name} reads ${text}, line ${variable.startPosition.row + 1}`);
    }
  }
});

test("what the whole module keeps is set at its top", () => {
  const set = new Set();
  const read = new Set();
  for (const [name, { root: tree }] of trees) {
    if (!name.startsWith("Signet")) continue;
    for (const variable of all(tree, "variable").filter((v) => v.text.startsWith("$script:"))) read.add(variable.text);
    walk(tree, (node) => {
      if (node.type === "function_statement") return false;
      if (node.type === "assignment_expression") set.add(node.children[0].text);
    });
  }
  assert.deepEqual([...read].filter((v) => !set.has(v)), []);
});
