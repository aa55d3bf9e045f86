/** A text as PostgreSQL holds it: of whole characters, and none of them NUL. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
