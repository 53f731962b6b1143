import { createTheme } from '@mantine/core';
import type { MantineColorsTuple } from '@mantine/core';

const river: MantineColorsTuple = [
  '#e6f7fa',
  '#d3ebf0',
  '#a8d6e0',
  '#79c0cf',
  '#54adc1',
  '#3ba2b9',
  '#2b9bb5',
  '#17809a',
  '#0b7285',
  '#00596a',
];

export const theme = createTheme({
  primaryColor: 'river',
  // White on these passes WCAG AA (4.5:1).
  primaryShade: { light: 8, dark: 8 },
  colors: { river },
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  headings: { fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  autoContrast: true,
  respectReducedMotion: true,
});
