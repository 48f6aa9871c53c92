/** The services by name, short enough for a button. */
export const names = {
  water: 'Water',
  charging: 'Charge',
  rest: 'Rest',
  heating: 'Heat',
  toilet: 'Toilet',
  microwave: 'Reheat',
  first_aid: 'First aid',
  wifi: 'Wi-Fi',
  battery_swap: 'Swap',
  books: 'Books',
  rain_gear: 'Rain',
  counselling: 'Advice',
};

/** The services in full, where there is room. */
export const titles = {
  water: 'Drinking water',
  charging: 'Phone charging',
  rest: 'Seats to rest',
  heating: 'Heating',
  toilet: 'Toilet',
  microwave: 'Microwave',
  first_aid: 'First-aid kit',
  wifi: 'Wi-Fi',
  battery_swap: 'E-bike battery swap',
  books: 'Books',
  rain_gear: 'Rain gear and tools',
  counselling: 'Legal and personal advice',
};
