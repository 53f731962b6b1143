import { t } from '../messages/messages.ts';
import { TextLink } from '../ui/text-link.tsx';

export interface Account {
  readonly type: string;
  readonly id: string | null;
}

/** An account, which leads to what it has earned. */
export function AccountLink({ account: { type, id } }: { readonly account: Account }) {
  if (id === null) return <>{t.codes.forgotten}</>;
  return (
    <TextLink to="/ledger" search={{ account: id } as never} size="sm">
      {type === 'user' ? id : `${type} ${id}`}
    </TextLink>
  );
}
