import type { ComponentChildren } from 'preact';

interface LabelProps {
  label: string;
  children: ComponentChildren;
}

/** A form control with its name above it. */
export function Labelled({ label, children }: LabelProps) {
  return (
    <label class="label">
      <span>{label}</span>
      {children}
    </label>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChoose: (value: T) => void;
}

export function Choice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>) {
  return (
    <Labelled label={label}>
      <select value={value} onChange={(event) => { onChoose(event.currentTarget.value as T); }}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>{text}</option>
        ))}
      </select>
    </Labelled>
  );
}

interface TextProps {
  label: string;
  value: string;
  placeholder?: string;
  isLong?: boolean;
  onType: (value: string) => void;
}

export function Text({ label, value, placeholder, isLong, onType }: TextProps) {
  const shared = { value, maxLength: isLong ? 1500 : 160, ...(placeholder ? { placeholder } : {}) };
  return (
    <Labelled label={label}>
      {isLong ? (
        <textarea {...shared} onInput={(event) => { onType(event.currentTarget.value); }} />
      ) : (
        <input type="text" {...shared} onInput={(event) => { onType(event.currentTarget.value); }} />
      )}
    </Labelled>
  );
}

interface WholeNumberProps {
  label: string;
  placeholder?: string;
  /** The least and the greatest number that make sense; the least is 1 unless told. */
  least?: number;
  most: number;
  value: number | null;
  onType: (value: number | null) => void;
}

/** A whole number, or nothing. */
export function WholeNumber({ label, placeholder, least = 1, most, value, onType }: WholeNumberProps) {
  const read = (text: string): number | null => {
    const typed = Math.round(Number(text));
    return text.trim() && Number.isFinite(typed) ? Math.max(least, Math.min(most, typed)) : null;
  };
  return (
    <Labelled label={label}>
      <input
        type="number"
        inputMode="numeric"
        min={least}
        max={most}
        {...(placeholder ? { placeholder } : {})}
        value={value ?? ''}
        onInput={(event) => { onType(read(event.currentTarget.value)); }}
      />
    </Labelled>
  );
}
