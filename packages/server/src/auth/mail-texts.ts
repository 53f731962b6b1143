import type { Mail } from './mailer.ts';
import type { Role } from './role.ts';

export function magicLinkMail(to: string, url: string): Mail {
  return {
    to,
    subject: 'Sign in to Headwater',
    text: `Open this link to sign in:

${url}

It works once, within ten minutes. If you did not ask for it, do nothing: without the link nobody gets in.
`,
  };
}

export function passwordResetMail(to: string, url: string): Mail {
  return {
    to,
    subject: 'A new password for Headwater',
    text: `Open this link to choose a new password:

${url}

It works once, within an hour. If you did not ask for it, do nothing: your password stays as it is.
`,
  };
}

export function teamInvitationMail(
  to: string,
  about: { readonly url: string; readonly workspace: string; readonly role: Role },
): Mail {
  const article = about.role === 'owner' || about.role === 'admin' ? 'an' : 'a';
  return {
    to,
    subject: `You are invited to ${about.workspace} on Headwater`,
    text: `You are invited to the workspace "${about.workspace}" as ${article} ${about.role}.

Open this link to join:

${about.url}

It works once, within seven days, and for this address only.
`,
  };
}
