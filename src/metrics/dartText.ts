/**
 * A text as DART's reference files hold theirs: in lower case, every mark of punctuation and symbol split off (`65 . 38 %`,
 * `five - o`). A model's text must be made so before it is scored against them, for the script splits at white space only.
 */
export function dartText(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\s]/gu, ' $& ')
    .trim()
    .replace(/\s+/gu, ' ');
}
