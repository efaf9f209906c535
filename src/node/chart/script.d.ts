/** A file with its imports, as one script for a page; see tools/page_script.ts. */
declare module '*?script' {
  const text: string;
  export default text;
}
