/** What somebody may do in a workspace, the most first. */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const;
export type Role = (typeof roles)[number];

const scopes: Readonly<Record<Role, readonly string[]>> = {
  owner: ['admin'],
  admin: ['admin'],
  member: ['read', 'write'],
  viewer: ['read'],
};

/** The scopes that a role has at the REST API: those of API keys. */
export function scopesOf(role: Role): readonly string[] {
  return scopes[role];
}

/** Whether a role may give, change and take away another one: owners are for owners. */
export function mayManage(actor: Role, role: Role): boolean {
  return actor === 'owner' || (actor === 'admin' && role !== 'owner');
}

/** Whether a role is another one or more. */
export function atLeast(role: Role, least: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(least);
}
