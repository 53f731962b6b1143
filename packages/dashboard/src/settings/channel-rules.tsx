import type { SourceExplanation, SourceRule } from '@headwater/client/api';
import { Badge, Button, Code, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { nothing } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { Loaded } from '../ui/loaded.tsx';
import { ScrollTable } from '../ui/scroll-table.tsx';
import { RulesEditor } from './rules-editor.tsx';

/** The workspace's own rules, and what any address would be taken for. */
export function ChannelRules() {
  const { settings } = useWorkspace();
  const rules = settings['source_rules'];
  return (
    <Stack gap="xl">
      <RulesEditor rules={Array.isArray(rules) ? (rules as SourceRule[]) : []} />
      <Explain />
    </Stack>
  );
}

function Explain() {
  const [url, setUrl] = useState('');
  const [referrer, setReferrer] = useState('');
  const [asked, setAsked] = useState<{ url: string; referrer?: string }>();
  const explanation = useRead('explainSource', asked ?? { url: '' }, {
    enabled: asked !== undefined,
  });
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        {t.channels.explain}
      </Title>
      <Text size="sm" c="dimmed">
        {t.channels.explainHint}
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setAsked({ url, ...(referrer !== '' && { referrer }) });
        }}
      >
        <Group align="flex-end" gap="xs">
          <TextInput
            label={t.channels.landing}
            placeholder="https://shop.example/?utm_source=newsletter"
            type="url"
            required
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            flex="2 1 260px"
          />
          <TextInput
            label={t.dimensions.referrer}
            placeholder="https://www.google.com/"
            value={referrer}
            onChange={(event) => setReferrer(event.currentTarget.value)}
            flex="1 1 200px"
          />
          <Button type="submit" disabled={!URL.canParse(url)}>
            {t.channels.ask}
          </Button>
        </Group>
      </form>
      {asked !== undefined && (
        <Loaded query={explanation}>{(data) => <Answer data={data} />}</Loaded>
      )}
    </Stack>
  );
}

function Answer({ data }: { readonly data: SourceExplanation }) {
  const { source, rules, channels } = data;
  return (
    <Stack gap="sm">
      <Group gap="xs" role="status">
        <Badge size="lg" tt="none">
          {source.channel}
        </Badge>
        <Text size="sm">
          {[source.source, source.medium, source.campaign].filter(Boolean).join(' / ') || nothing}
        </Text>
        <Badge variant="outline" color="gray" tt="none">
          {source.confidence}
        </Badge>
      </Group>
      <ScrollTable minWidth={520} label={t.channels.rules}>
        <Table aria-label={t.channels.rules}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t.channels.rule}</Table.Th>
              <Table.Th scope="col">{t.channels.outcome}</Table.Th>
              <Table.Th scope="col">{t.channels.reason}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rules.map((rule) => (
              <Table.Tr key={rule.rule}>
                <Table.Td>
                  <Code>{rule.rule}</Code>
                </Table.Td>
                <Table.Td>
                  <Badge
                    size="sm"
                    variant="light"
                    tt="none"
                    color={rule.outcome === 'not_matched' ? 'gray' : 'teal'}
                  >
                    {t.channels.outcomes[rule.outcome]}
                  </Badge>
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{rule.reason}</Text>
                </Table.Td>
              </Table.Tr>
            ))}
            {channels.map((rule) => (
              <Table.Tr key={`channel ${rule.channel}`}>
                <Table.Td>{t.channels.channelRule(rule.channel)}</Table.Td>
                <Table.Td>
                  <Badge size="sm" variant="light" tt="none" color={rule.matched ? 'teal' : 'gray'}>
                    {rule.matched ? t.channels.outcomes.decided : t.channels.outcomes.not_matched}
                  </Badge>
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{rule.reason}</Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollTable>
    </Stack>
  );
}
