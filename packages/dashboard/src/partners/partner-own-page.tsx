import { useState } from 'react';

import type { Partner, PartnerToken } from '@headwater/client/api';
import { Anchor, Button, Code, Group, Select, Stack, TagsInput, Text, Title } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { ask } from '../ui/ask.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';

/** What a partner sees of themselves: a preview, and how it stands in one's own site. */
export function PartnerOwnPage({ partner }: { readonly partner: Partner }) {
  const may = useMay();
  return (
    <Stack p="md" gap="xl">
      {may.write && partner.status !== 'archived' && <Preview partner={partner} />}
      <Embedding partner={partner} />
      {may.manage && <Origins />}
    </Stack>
  );
}

const lengths = ['3600', '86400', '2592000'] as const;

function Preview({ partner }: { readonly partner: Partner }) {
  const { timezone } = useWorkspace();
  const [seconds, setSeconds] = useState<(typeof lengths)[number]>('3600');
  const [made, setMade] = useState<PartnerToken>();
  const make = useWrite('createPartnerToken', []);
  const end = useWrite('endPartnerTokens', []);
  const address = made === undefined ? '' : new URL(made.url, window.location.origin).href;
  const askToEnd = () =>
    ask({
      title: t.partners.endTokensTitle(partner.name),
      hint: t.partners.endTokensHint,
      confirm: t.partners.endTokens,
      onConfirm: () =>
        end.mutate(
          { id: partner.id },
          {
            onSuccess: () => {
              setMade(undefined);
              notifyDone(t.partners.tokensEnded);
            },
            onError: notifyFault,
          },
        ),
    });
  return (
    <Stack gap="sm">
      <Title order={2} size="h5">
        {t.partners.preview}
      </Title>
      <Text size="sm">{t.partners.previewHint}</Text>
      <Group gap="xs" align="flex-end">
        <Select
          label={t.partners.goodFor}
          w={150}
          allowDeselect={false}
          data={lengths.map((value) => ({ value, label: t.partners.tokenLengths[value] }))}
          value={seconds}
          onChange={(next) => setSeconds(lengths.find((one) => one === next) ?? '3600')}
        />
        <Button
          loading={make.isPending}
          onClick={() =>
            make.mutate(
              { id: partner.id, body: { expires_in: Number(seconds) } },
              { onSuccess: setMade, onError: notifyFault },
            )
          }
        >
          {t.partners.makeToken}
        </Button>
        <Button variant="light" color="red" onClick={askToEnd}>
          {t.partners.endTokens}
        </Button>
      </Group>
      {made !== undefined && (
        <Stack gap="xs" role="status">
          <Group wrap="nowrap" gap={4}>
            <Code block flex={1} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
              {address}
            </Code>
            <CopyButton value={address} label={t.partners.copyAddress} />
          </Group>
          <Group gap="xs">
            <Anchor href={address} target="_blank" rel="noreferrer" size="sm">
              <Group gap={4} component="span">
                {t.partners.openPreview} <IconExternalLink size={14} aria-hidden />
              </Group>
            </Anchor>
            <Text size="sm" c="dimmed">
              {t.partners.tokenUntil(formatInstant(made.expires_at, timezone))}
            </Text>
          </Group>
        </Stack>
      )}
    </Stack>
  );
}

function Embedding({ partner }: { readonly partner: Partner }) {
  const code = `const { url } = await api.createPartnerToken({ id: '${partner.id}' });
html += \`<iframe src="${window.location.origin}\${url}" title="Partner"></iframe>\`;`;
  return (
    <Stack gap="sm">
      <Title order={2} size="h5">
        {t.partners.embed}
      </Title>
      <Text size="sm">{t.partners.embedHint}</Text>
      <Group wrap="nowrap" gap={4} align="flex-start">
        <Code block flex={1} miw={0} style={{ overflowX: 'auto' }} tabIndex={0}>
          {code}
        </Code>
        <CopyButton value={code} label={t.actions.copy} />
      </Group>
    </Stack>
  );
}

/** Whose pages may show it in a frame: a setting of the whole workspace. */
function Origins() {
  const { settings } = useWorkspace();
  const stored = (settings['partners'] ?? {}) as { frame_ancestors?: string[] };
  const [origins, setOrigins] = useState(stored.frame_ancestors ?? []);
  const update = useWrite('updateWorkspace', ['getWorkspace']);
  const errors = Object.values(fieldErrors(update.error));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate(
          { body: { settings: { partners: { frame_ancestors: origins } } } },
          { onSuccess: () => notifyDone(t.states.saved) },
        );
      }}
    >
      <Stack gap="sm" maw={560}>
        <TagsInput
          label={t.partners.origins}
          description={t.partners.originsHint}
          placeholder="https://app.shop.example"
          value={origins}
          onChange={setOrigins}
          error={errors.length > 0 && errors.join('; ')}
        />
        <Group>
          <Button type="submit" variant="default" loading={update.isPending}>
            {t.actions.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
