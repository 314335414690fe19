// Inter for the pages (variable, woff2) and for printed documents (static, TTF), each with its licence.
import { copyFileSync, mkdirSync } from "node:fs";

const pages = "../static/build/fonts";
const printed = "../../documents/fonts";
const variable = "node_modules/@fontsource-variable/inter";
const fixed = "node_modules/@expo-google-fonts/inter";

mkdirSync(pages, { recursive: true });
for (const subset of ["latin", "latin-ext"]) {
  copyFileSync(`${variable}/files/inter-${subset}-wght-normal.woff2`, `${pages}/inter-${subset}.woff2`);
}
copyFileSync(`${variable}/LICENSE`, `${pages}/LICENSE`);

mkdirSync(printed, { recursive: true });
for (const weight of ["400Regular", "400Regular_Italic", "500Medium", "600SemiBold", "700Bold"]) {
  copyFileSync(`${fixed}/${weight}/Inter_${weight}.ttf`, `${printed}/Inter_${weight}.ttf`);
}
copyFileSync(`${fixed}/LICENSE_FONT`, `${printed}/LICENSE`);
