const sponsors = [
  'union',
  'party_centre',
  'bank',
  'utility',
  'post',
  'retail',
  'fuel',
  'public_service',
] as const;

/** Whether we have a name for the sponsor; a newer server may know more. */
export function isSponsor(value: string): value is (typeof sponsors)[number] {
  return (sponsors as readonly string[]).includes(value);
}
