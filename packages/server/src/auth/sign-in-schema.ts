import * as z from 'zod';

import { roles } from './role.ts';

/** Long enough that guessing at the rate limit's pace is hopeless (NIST SP 800-63B §3.1.1.2 asks for 8 at least). */
const password = z.string().min(10, 'must have at least 10 characters').max(128);
const email = z
  .string()
  .max(320)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email('must be an address'));
const name = z
  .string()
  .transform((text) => text.trim())
  .pipe(z.string().min(1, "can't be blank").max(200));
const token = z.string().min(1).max(200);
const role = z.enum(roles);

export const tokenBody = z.strictObject({ token });
export const emailBody = z.strictObject({ email });
export const signInBody = z.strictObject({ email, password: z.string().min(1).max(128) });
export const resetBody = z.strictObject({ token, password });
export const passwordBody = z.strictObject({
  current_password: z.string().min(1).max(128),
  new_password: password,
});
export const accountBody = z.strictObject({ name });
export const ownerBody = z.strictObject({ token, name, email, password });
/** Who is signed in already needs neither a name nor a password. */
export const joinBody = z.strictObject({
  token,
  name: name.optional(),
  password: password.optional(),
});
export const invitationBody = z.strictObject({ email, role });
export const roleBody = z.strictObject({ role });
