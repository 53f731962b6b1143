/** The simulated workspace. */
export const enDemo = {
  demo: {
    title: 'Look around with simulated data',
    hint: 'A workspace beside yours with three months of a coffee shop that does not exist. Yours stays as it is, and no ad platform hears of it.',
    make: 'Make the demo workspace',
    open: 'Open the demo workspace',
    making: 'Simulating',
    preparing: 'Opening the shop …',
    progress: (done: string, all: string) => `${done} of ${all} visits simulated`,
    failed: 'It could not be made. The log of the server says why.',
    banner: 'Everything here is simulated: no visitor, sale or message is real.',
    leave: 'Back to your workspace',
    remove: 'Delete the demo',
    removeTitle: 'Delete the demo workspace?',
    removeHint:
      'All that was simulated goes, for everybody on this server. It can be made again at any time.',
    yours: 'Your workspace',
  },
};
