/** How long the browser may take to begin writing before the file is let go. */
const KEPT_MS = 60_000;

/** Hand a file to the browser's downloads: a link cannot carry our token, so the file comes as a blob. */
export function saveFile(file: Blob, name: string, page: Document = document): void {
  const address = URL.createObjectURL(file);
  const link = page.createElement('a');
  link.href = address;
  link.download = name;
  page.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => { URL.revokeObjectURL(address); }, KEPT_MS);
}
