/** What a webhook can be told of. `*` is all of it, and what later versions add. */
export const webhookTypes = [
  'link.clicked',
  'page.viewed',
  'session.started',
  'visitor.identified',
  'conversion.created',
  'conversion.refunded',
  'invitation.used',
  'redemption.created',
  'event.recorded',
  'link.created',
  'link.updated',
  'link.archived',
  'link.restored',
] as const;
