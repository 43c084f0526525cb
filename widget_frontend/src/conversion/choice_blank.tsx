import { t } from '../i18n/translate';
import type { ChoiceFault } from './problems';

interface ChoiceBlankProps {
  fault: ChoiceFault;
  onCure: () => void;
}

/** In the place of figures that cannot be given for what was chosen: why, and one button that helps. */
export function ChoiceBlank({ fault, onCure }: ChoiceBlankProps) {
  return (
    <section class="blank" role="alert">
      <h2>{t(fault.text)}</h2>
      <button type="button" onClick={onCure}>{t(fault.cure === 'period' ? 'panel.curePeriod' : 'panel.cureAll')}</button>
    </section>
  );
}
