import { useState } from 'react';

import { Anchor, Button, PasswordInput, Stack } from '@mantine/core';

import { t } from '../messages/messages.ts';
import { useSessionStore } from '../session/use-session.ts';
import { AuthCard } from './auth-card.tsx';

/** Takes a secret key for as long as the tab is open. */
export function KeyForm({ onLeave }: { readonly onLeave: (() => void) | undefined }) {
  const sessions = useSessionStore();
  const [key, setKey] = useState('');
  const isKey = /^\S{8,}$/.test(key.trim());
  return (
    <AuthCard
      title={t.signIn.title}
      hint={onLeave === undefined ? `${t.auth.noOwner} ${t.signIn.hint}` : t.signIn.hint}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isKey) sessions.begin(key.trim());
        }}
      >
        <Stack gap="md">
          <PasswordInput
            label={t.signIn.key}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            autoComplete="off"
            required
            data-autofocus
          />
          <Button type="submit" disabled={!isKey}>
            {t.signIn.submit}
          </Button>
          {onLeave !== undefined && (
            <Anchor component="button" type="button" size="sm" onClick={onLeave}>
              {t.auth.withAccount}
            </Anchor>
          )}
        </Stack>
      </form>
    </AuthCard>
  );
}
