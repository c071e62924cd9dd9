/** StartError tells the person who starts the server, in one sentence, why it cannot run. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Waits for `program`. On a StartError, prints its sentence and sets the exit code to 1. */
export async function printStartError(program: Promise<void>): Promise<void> {
  try {
    await program;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
