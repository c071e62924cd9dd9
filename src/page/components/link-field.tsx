/** A field with a link to copy: it selects the link when it is focused. */
interface LinkFieldProps {
  /** Name for screen readers. */
  readonly label: string;
  readonly link: string;
}

export function LinkField({ label, link }: LinkFieldProps) {
  return (
    <input
      type="text"
      class="link-field"
      readOnly
      dir="ltr"
      aria-label={label}
      value={link}
      onFocus={({ currentTarget }) => currentTarget.select()}
    />
  );
}
