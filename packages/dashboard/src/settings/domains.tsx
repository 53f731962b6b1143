import type { DomainResponse } from '@headwater/client/api';
import { Badge, Button, Card, Code, Group, Stack, Switch, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconWorld } from '@tabler/icons-react';
import { useState } from 'react';

import { useRead, useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Failed, Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';

/** The hosts that links are served on, and the proof that they are one's own. */
export function Domains() {
  const domains = useRead('listDomains', { limit: 100 });
  const claim = useWrite('claimDomain', ['listDomains']);
  const [host, setHost] = useState('');
  return (
    <Stack>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          claim.mutate({ body: { host } }, { onSuccess: () => setHost('') });
        }}
      >
        <Group align="flex-end" gap="xs">
          <TextInput
            label={t.domains.add}
            placeholder="go.shop.example"
            value={host}
            onChange={(event) => setHost(event.currentTarget.value.trim())}
            flex="1 1 220px"
            maw={360}
          />
          <Button type="submit" disabled={host === ''} loading={claim.isPending}>
            {t.domains.claim}
          </Button>
        </Group>
      </form>
      {claim.error !== null && <Failed fault={claim.error} />}
      <Loaded
        query={domains}
        empty={
          <EmptyState icon={IconWorld} title={t.domains.emptyTitle}>
            {t.domains.emptyHint}
          </EmptyState>
        }
      >
        {(rows) => (
          <Stack gap="sm">
            {rows.map((domain) => (
              <Domain key={domain.host} domain={domain} />
            ))}
          </Stack>
        )}
      </Loaded>
    </Stack>
  );
}

function Domain({ domain }: { readonly domain: DomainResponse }) {
  const { host, verified, verification } = domain;
  const verify = useWrite('verifyDomain', ['listDomains', 'listLinks']);
  const update = useWrite('updateDomain', ['listDomains']);
  const remove = useWrite('removeDomain', ['listDomains']);
  const ask = () =>
    modals.openConfirmModal({
      title: t.domains.removeTitle(host),
      children: <Text size="sm">{t.domains.removeHint}</Text>,
      labels: { confirm: t.domains.remove, cancel: t.actions.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate({ host }, { onError: notifyFault }),
    });
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between">
        <Group gap="xs">
          <Text fw={600}>{host}</Text>
          <Badge color={verified ? 'teal' : 'orange'} variant="light" tt="none">
            {verified ? t.domains.verified : t.domains.unverified}
          </Badge>
        </Group>
        <Group gap="xs">
          <Switch
            size="sm"
            label={t.domains.caseSensitive}
            checked={domain.case_sensitive}
            onChange={(event) =>
              update.mutate(
                { host, body: { case_sensitive: event.currentTarget.checked } },
                { onError: notifyFault },
              )
            }
          />
          {!verified && (
            <Button
              size="xs"
              loading={verify.isPending}
              onClick={() =>
                verify.mutate(
                  { host },
                  { onSuccess: () => notifyDone(t.domains.proven(host)), onError: notifyFault },
                )
              }
            >
              {t.domains.verify}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={ask}>
            {t.domains.remove}
          </Button>
        </Group>
      </Group>
      {!verified && (
        <Stack gap={4} pt="sm">
          <Text size="sm">{t.domains.record}</Text>
          <Group gap={4}>
            <Code>
              {verification.name} {verification.type} {verification.value}
            </Code>
            <CopyButton value={verification.value} label={t.domains.copyValue} />
          </Group>
        </Stack>
      )}
    </Card>
  );
}
