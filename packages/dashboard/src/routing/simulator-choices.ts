/** Who somebody is to the engine. */
export const standings = ['new', 'known', 'customer'] as const;

/** The devices that the simulator can imagine. */
export const simulatedDeviceNames = [
  'iphone',
  'android',
  'ipad',
  'windows',
  'mac',
  'linux',
] as const;
export type SimulatedDevice = (typeof simulatedDeviceNames)[number];
