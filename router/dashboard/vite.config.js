// The client is not bundled: the router serves it beside the pages, for theirs and for everybody's.
export default {
  base: "./",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    outDir: "built",
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rollupOptions: {
      external: ["mla-exchange"],
      output: {
        paths: { "mla-exchange": "./mla-exchange.js" },
        entryFileNames: "dashboard.js",
        assetFileNames: (asset) => (asset.names[0]?.endsWith(".css") ? "dashboard.css" : "[name][extname]"),
      },
    },
  },
};
