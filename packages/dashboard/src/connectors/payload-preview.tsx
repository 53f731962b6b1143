import { Code, Group, Stack, Text } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Panel } from '../ui/panel.tsx';
import { StateBadge } from '../ui/state-badge.tsx';

/** What would be sent now, in the platform's words and without secrets; or why nothing would. */
export function PayloadPreview({ id }: { readonly id: string }) {
  const preview = useRead('previewDispatch', { id });
  return (
    <Panel title={t.dispatches.payload}>
      <Loaded query={preview} height={260}>
        {({ sends, reason, message, payload, request, match }) => (
          <Stack gap="sm">
            <Group gap="xs">
              <StateBadge color={sends ? 'teal' : 'orange'}>
                {sends ? t.dispatches.wouldSend : t.dispatches.wouldNotSend}
              </StateBadge>
              {reason !== null && <Text size="sm">{reason}</Text>}
            </Group>
            {message !== null && <Text size="sm">{message}</Text>}
            {request !== null && (
              <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
                {`${request.method} ${request.url}`}
              </Code>
            )}
            {payload !== null && <Payload text={JSON.stringify(payload, undefined, 2)} />}
            {match !== null && (
              <Text size="xs" c="dimmed">
                {t.dispatches.signals(match.score, match.present, match.missing)}
              </Text>
            )}
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}

function Payload({ text }: { readonly text: string }) {
  return (
    <Group align="flex-start" wrap="nowrap" gap="xs">
      <Code
        block
        flex={1}
        mah={420}
        tabIndex={0}
        aria-label={t.dispatches.payload}
        role="region"
        style={{ overflow: 'auto' }}
      >
        {text}
      </Code>
      <CopyButton value={text} label={t.dispatches.copyPayload} />
    </Group>
  );
}
