/** A file of E2E with `count` records of one reference each; their names count from `from`. */
export function e2eRows(from: number, count: number): string {
  const rows = Array.from({ length: count }, (_, i) => `name[x${from + i}],the area ${from + i}.`);
  return `mr,ref\n${rows.join('\n')}\n`;
}
