// What whoever sits here may do, and in which communities, as /api/v1/me told it: so that nothing is
// offered that would be refused. The server looks again at every request. Pure.

/** Rights that something on the page asks for (dispatch/access/words.py has all). */
export const RIGHTS = [
  'see_situation',
  'see_track',
  'handle',
  'run_drill',
  'export_file',
  'print_sheet',
  'read_audit',
  'manage_people',
  'manage_radios',
  'manage_settings',
  'read_tips',
  'use_demo',
] as const;
export type Right = (typeof RIGHTS)[number];

/** By right, the communities where it counts. */
export type Rights = Readonly<Record<string, readonly string[]>>;

export const NO_RIGHTS: Rights = {};
const EVERYWHERE = '*';

export function mayIn(rights: Rights, right: Right, community: string): boolean {
  const where = rights[right] ?? [];
  return where.includes(EVERYWHERE) || where.includes(community);
}

export function mayAnywhere(rights: Rights, right: Right): boolean {
  return (rights[right]?.length ?? 0) > 0;
}
