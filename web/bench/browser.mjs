// How the benchmarks start the browser: as the journeys do, but without their graphics card in software. No map is
// measured here, and each picture waited for that card: 526 ms in a trace, of which it worked for one.
export const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const launchOptions = { executablePath, args: flags };
