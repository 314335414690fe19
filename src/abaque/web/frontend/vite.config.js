import { defineConfig } from "vite";

// File names carry no hash: the server sends them with an ETag, and templates name them plainly.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "../static/build",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    rolldownOptions: {
      input: { abaque: "src/abaque.ts", usage: "src/usage/element.tsx" },
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
