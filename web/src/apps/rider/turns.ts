// Work in turns, so that a slow phone draws what a tap did before it goes on.

/** Stops what is going on. */
export type Stop = () => void;

/** Calls after the next picture, and gives what stops it, and what that call began. */
export function afterPicture(act: () => Stop | undefined): Stop {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: Stop | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(() => (stop = act()));
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    stop?.();
  };
}

/** Calls with how much of the whole is to be done: a few at once, and a few more after each picture. */
export function inTurns(whole: number, few: number, act: (done: number) => void): Stop | undefined {
  const turn = (done: number): Stop | undefined => {
    act(done);
    return done < whole ? afterPicture(() => turn(Math.min(whole, done + few))) : undefined;
  };
  return turn(Math.min(whole, few));
}

/** When the phone has nothing else to do. */
export function idle(): Promise<void> {
  return new Promise((resolve) => {
    // Safari has no such thing.
    if (!('requestIdleCallback' in window)) setTimeout(resolve, 300);
    else
      requestIdleCallback(
        () => {
          resolve();
        },
        { timeout: 2_000 },
      );
  });
}
