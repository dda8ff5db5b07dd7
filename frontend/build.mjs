// Bundles src/app.css and src/app.js into the package.  Offices still run browsers built on Chromium 86:
// newer syntax is lowered to it.  What cannot be lowered, such as @layer, it ignores: do not use it.
//
// htmx is not bundled: the package django_htmx serves it.
//
// Read by: tools/hatch_build.py, which names the same files and decides when to build.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: ["src/app.css", "src/app.js"],
  outdir: "../src/taizhang/web/static/web",
  bundle: true,
  minify: true,
  sourcemap: false,
  target: "chrome86",
  charset: "utf8",
  logLevel: "warning",
});
