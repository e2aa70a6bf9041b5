import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The policy of the page lets through nothing that is in the document itself,
// and no data: URL, so assets stay files and no script is put into index.html.
export default defineConfig({
  plugins: [react()],
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: "es2022",
    chunkSizeWarningLimit: 1200,
  },
});
