import { refuse } from '../kernel/result.ts';
import type { FieldErrors } from './link.ts';

export function invalidLink(errors: FieldErrors) {
  const [field, problems] = Object.entries(errors)[0] ?? ['link', ['is invalid']];
  return refuse('invalid_link', `${field} ${problems[0]}.`, errors);
}

export function noSuchFolder() {
  return invalidLink({ folderId: ['is no folder of this workspace'] });
}

/** GoodAnalytics' words. */
export function inactivePartner() {
  return invalidLink({ partnerId: ['must reference an active partner in the same workspace'] });
}
