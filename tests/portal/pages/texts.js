/* Texts of the portal's own pages, and what people's choices in the address mean. */

const TEXTS = {
  ru: {
    portal: 'Портал', user: 'Сотрудник', opening: 'Открытие', language: 'Язык', theme: 'Тема',
    admin: 'Администраторы', head: 'Руководители', manager: 'Сотрудники',
    post: 'POST (сервер)', get: 'GET (архив)', light: 'Светлая', dark: 'Тёмная', auto: 'Как в системе',
    app: 'Сегментация клиентов', analytics: 'CRM-аналитика', companies: 'Компании', contacts: 'Контакты',
    mobile: 'Мобильное приложение', requests: 'Запросы REST', menu: 'Меню', close: 'Закрыть',
    company: 'Компания', contact: 'Контакт', deal: 'Сделка', lead: 'Лид', invoice: 'Счёт', person: 'Сотрудник',
    search: 'Название или номер', created: 'Создан', name: 'Название', nothing: 'Ничего не найдено',
    notFound: 'Такой карточки нет', denied: 'Доступ запрещён', fields: 'Основное',
    refreshFailed: 'Не удалось продлить сеанс', installing: 'Приложение установлено не полностью. Попросите администратора портала закончить установку',
    noPlace: 'Здесь нет приложений', choose: 'Выбрать',
    cancel: 'Отмена', chooseUser: 'Выбор сотрудника', call: 'Звонок', chat: 'Чат', noServer: 'Портал не отвечает',
    noPage: 'Такой страницы на портале нет', noUser: 'На портале нет сотрудника', none: 'нет',
    bucket: 'Счётчик запросов', operating: 'Время методов за 10 минут', rows: 'Строк на портале',
    pace: 'Темп', faults: 'Сбои', apply: 'Применить', expire: 'Состарить токены', clear: 'Очистить',
    time: 'Время', method: 'Метод', status: 'Ответ', duration: 'Длительность, с', commands: 'Команд',
    received: 'Строк', size: 'Размер, КБ', error: 'Ошибка', free: 'не ограничен', noRequests: 'Запросов ещё не было',
    now: 'Время портала', pause: 'Остановить', resume: 'Продолжить', query: 'Параметры',
  },
  en: {
    portal: 'Portal', user: 'User', opening: 'Opened by', language: 'Language', theme: 'Theme',
    admin: 'Administrators', head: 'Heads', manager: 'Employees',
    post: 'POST (server)', get: 'GET (archive)', light: 'Light', dark: 'Dark', auto: 'As the system',
    app: 'Client segmentation', analytics: 'CRM analytics', companies: 'Companies', contacts: 'Contacts',
    mobile: 'Mobile app', requests: 'REST requests', menu: 'Menu', close: 'Close',
    company: 'Company', contact: 'Contact', deal: 'Deal', lead: 'Lead', invoice: 'Invoice', person: 'Employee',
    search: 'Name or number', created: 'Created', name: 'Name', nothing: 'Nothing found',
    notFound: 'There is no such card', denied: 'Access denied', fields: 'General',
    refreshFailed: 'The session could not be renewed', installing: 'The app is not fully installed yet. Ask the administrator of the portal to finish the installation',
    noPlace: 'There are no apps here', choose: 'Select',
    cancel: 'Cancel', chooseUser: 'Select an employee', call: 'Call', chat: 'Chat', noServer: 'The portal does not answer',
    noPage: 'There is no such page on this portal', noUser: 'The portal has no employee', none: 'none',
    bucket: 'Request counter', operating: 'Time of methods in 10 minutes', rows: 'Rows on the portal',
    pace: 'Pace', faults: 'Faults', apply: 'Apply', expire: 'Expire tokens', clear: 'Clear',
    time: 'Time', method: 'Method', status: 'Answer', duration: 'Duration, s', commands: 'Commands',
    received: 'Rows', size: 'Size, KB', error: 'Error', free: 'not limited', noRequests: 'No requests yet',
    now: 'Portal time', pause: 'Pause', resume: 'Continue', query: 'Parameters',
  },
};

/** Names of card fields, by column. */
const FIELDS = {
  ru: {
    TITLE: 'Название', title: 'Название', NAME: 'Имя', SECOND_NAME: 'Отчество', LAST_NAME: 'Фамилия', POST: 'Должность',
    WORK_POSITION: 'Должность', PHONE: 'Телефон', EMAIL: 'Email', WEB: 'Сайт', IM: 'Мессенджер', COMPANY_TYPE: 'Тип компании',
    COMPANY_ID: 'Компания', CONTACT_ID: 'Контакт', companyId: 'Компания', contactId: 'Контакт', STAGE_ID: 'Стадия', stageId: 'Стадия',
    STATUS_ID: 'Стадия', OPPORTUNITY: 'Сумма', opportunity: 'Сумма', CLOSEDATE: 'Дата завершения', movedTime: 'Дата смены стадии',
    parentId2: 'Сделка', ASSIGNED_BY_ID: 'Ответственный', assignedById: 'Ответственный', DATE_CREATE: 'Создан', createdTime: 'Создан',
    DATE_MODIFY: 'Изменён', updatedTime: 'Изменён',
  },
  en: {
    TITLE: 'Name', title: 'Name', NAME: 'First name', SECOND_NAME: 'Middle name', LAST_NAME: 'Last name', POST: 'Position',
    WORK_POSITION: 'Position', PHONE: 'Phone', EMAIL: 'E-mail', WEB: 'Site', IM: 'Messenger', COMPANY_TYPE: 'Company type',
    COMPANY_ID: 'Company', CONTACT_ID: 'Contact', companyId: 'Company', contactId: 'Contact', STAGE_ID: 'Stage', stageId: 'Stage',
    STATUS_ID: 'Stage', OPPORTUNITY: 'Amount', opportunity: 'Amount', CLOSEDATE: 'Closing date', movedTime: 'Stage changed',
    parentId2: 'Deal', ASSIGNED_BY_ID: 'Responsible', assignedById: 'Responsible', DATE_CREATE: 'Created', createdTime: 'Created',
    DATE_MODIFY: 'Changed', updatedTime: 'Changed',
  },
};

export const LANGUAGES = { ru: 'Русский', en: 'English' };

/** Choices that travel along in the address from page to page. */
const CARRIED = ['user', 'static', 'lang', 'theme'];

export const params = new URLSearchParams(location.search);

/** `path` with this page's choices; `changes` replaces some, '' drops one. */
export function address(path, changes = {}) {
  const url = new URL(path, location.origin);
  for (const name of CARRIED) {
    const value = name in changes ? changes[name] : params.get(name);
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  // A path that climbed up may begin with two slashes, which would name another host.
  return url.pathname.replace(/^\/+/, '/') + url.search;
}

/** Query parameters of the page that are not its own: the platform hands them to the app. */
export function foreignParams() {
  const own = new Set([...CARRIED, 'IFRAME', 'IFRAME_TYPE', 'id', '_r', 'install_finished']);
  return Object.fromEntries([...params].filter(([name]) => !own.has(name)));
}

/** The page's address as the platform tells it to an application in a place of the page. */
export function placementUri() {
  const slider = params.get('IFRAME') === 'Y' ? '?IFRAME=Y&IFRAME_TYPE=SIDE_SLIDER' : '';
  return location.pathname + slider;
}

let lang = 'ru';

export function setLanguage(code) {
  lang = code in TEXTS ? code : 'en';
  document.documentElement.lang = lang;
}

export const language = () => lang;
export const text = (name) => TEXTS[lang][name];
export const fieldNames = () => FIELDS[lang];

/** A moment as the portal's clock shows it, wherever the browser is. */
export function moment(iso) {
  const shown = new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  return shown.format(new Date(`${iso.slice(0, 19)}Z`));
}

export const number = (value, digits = 0) => new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);
