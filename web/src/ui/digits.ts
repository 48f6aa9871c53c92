// Whole numbers for people, the same in each of our languages.

/** A whole number, grouped: 1,152,112. */
export function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
