// How the benchmarks start the browser: as the journeys do.
export const flags = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const launchOptions = { executablePath, args: flags };
