/** The project's mark, in the colours of the theme: a speech bubble around an e. `static/icons/icon.svg` is the same. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 64 64" aria-hidden="true">
      <path d="M32 4a27 27 0 1 1-9.6 52.2L9.6 60.4A2.4 2.4 0 0 1 6.6 57.3L10 46.5A27 27 0 0 1 32 4Z" />
      <path d="M18.5 31h26a13 13 0 1 0-4.2 9.6" />
    </svg>
  );
}
