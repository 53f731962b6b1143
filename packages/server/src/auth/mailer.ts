import type { Logger } from 'headwater';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /** Resolves when the mail server has taken it. @throws what the mail server says */
  send(mail: Mail): Promise<void>;
  /** The same without waiting: how long an answer takes must not tell whether an address is known. */
  post(mail: Mail): void;
  /** Waits for what was posted. */
  settle(): Promise<void>;
}

const patienceMilliseconds = 10_000;

/** Sends mail through an SMTP server. nodemailer is loaded with the first mail. */
export function createMailer(settings: {
  readonly url: string;
  readonly from: string;
  readonly logger: Logger;
}): Mailer {
  const underway = new Set<Promise<void>>();

  async function send({ to, subject, text }: Mail): Promise<void> {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(settings.url, {
      from: settings.from,
      // A file or an address in a mail's fields is never read.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.sendMail({ to, subject, text });
    } finally {
      transport.close();
    }
  }

  return {
    send,
    post(mail) {
      const sending = send(mail).catch((error: unknown) => {
        settings.logger.error('a mail could not be sent', { error });
      });
      underway.add(sending);
      void sending.finally(() => underway.delete(sending));
    },
    async settle() {
      const patience = new Promise<void>((resolve) => {
        setTimeout(resolve, patienceMilliseconds).unref();
      });
      await Promise.race([Promise.all(underway), patience]);
    },
  };
}
