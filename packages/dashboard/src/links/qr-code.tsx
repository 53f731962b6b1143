import { useEffect, useMemo, useState } from 'react';

import { Center, ColorInput, Group, Image, SegmentedControl, Skeleton, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';

import { useApi } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { ExportButton } from '../ui/export-button.tsx';
import { Failed } from '../ui/loaded.tsx';

export interface QrCodeProps {
  readonly linkId: string;
  readonly name: string;
}

/** The code of a link as it will be printed, and as a file. */
export function QrCode({ linkId, name }: QrCodeProps) {
  const api = useApi();
  const [color, setColor] = useState('#000000');
  const [format, setFormat] = useState<'svg' | 'png'>('svg');
  const [shown] = useDebouncedValue(color, 200);
  const question = { id: linkId, color: shown.replace('#', '') };
  const code = useQuery({
    queryKey: ['getLinkQrCode', question],
    queryFn: async ({ signal }) =>
      (await api.getLinkQrCode({ ...question, format: 'png', size: 10 }, { signal })).blob(),
  });
  const url = useObjectUrl(code.data);
  return (
    <Stack>
      <Center mih={240}>
        {code.error !== null ? (
          <Failed fault={code.error} />
        ) : url === undefined ? (
          <Skeleton h={220} w={220} />
        ) : (
          <Image src={url} alt={t.links.qrOf(name)} w={220} h={220} fit="contain" radius="md" />
        )}
      </Center>
      <Group justify="space-between" align="flex-end">
        <ColorInput
          label={t.links.qrColor}
          value={color}
          onChange={setColor}
          swatches={['#000000', '#0b7285', '#1c7ed6', '#5f3dc4', '#a61e4d']}
          w={150}
          withEyeDropper={false}
          popoverProps={{ withinPortal: false }}
        />
        <SegmentedControl
          aria-label={t.links.qrFormat}
          data={[
            { value: 'svg', label: 'SVG' },
            { value: 'png', label: 'PNG' },
          ]}
          value={format}
          onChange={(value) => setFormat(value)}
        />
        <ExportButton
          label={t.actions.download}
          fileName={`${name.replaceAll(/[^\w.-]+/g, '-')}.${format}`}
          read={() => api.getLinkQrCode({ ...question, format, size: 20 })}
        />
      </Group>
    </Stack>
  );
}

/** An address of the bytes, as long as they are shown. */
function useObjectUrl(blob: Blob | undefined): string | undefined {
  const url = useMemo(() => (blob === undefined ? undefined : URL.createObjectURL(blob)), [blob]);
  useEffect(
    () => () => {
      if (url !== undefined) URL.revokeObjectURL(url);
    },
    [url],
  );
  return url;
}
