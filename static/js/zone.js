// The time zone of the hotel: guessed from this browser until somebody says another; the list narrows as one types.

const field = document.querySelector("[data-guess-zone]");
const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (field && guess && field.value === field.defaultValue && field.dataset.guessZone === "fresh") {
  const known = [...(field.list?.options ?? [])].some((option) => option.value === guess);
  if (known) field.value = guess;
}
// Who goes there wants to choose: what stands there would hide all others from the list.
field?.addEventListener("focus", () => field.select());
