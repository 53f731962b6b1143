/** For `/metrics`: what has become of messages to webhooks in this process. */
export interface WebhookStats {
  delivered: number;
  /** Attempts in vain after which there is another one. */
  retried: number;
  failed: number;
  /** Messages that are still to arrive, of all workspaces, as it was counted last. */
  waiting: number;
  /** Webhooks that were disabled because nothing arrived, or because they are gone. */
  disabled: number;
}

export function createWebhookStats(): WebhookStats {
  return { delivered: 0, retried: 0, failed: 0, waiting: 0, disabled: 0 };
}
